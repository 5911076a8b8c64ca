"""Command-line options that simulating and replaying share, and how their texts are read."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, TextIO

from simulators.errors import SimulatorError
from simulators.line import Faults, Line
from simulators.mqtt import Broker, Publisher
from simulators.sinks import Printer, Sink

CODE = re.compile(r"[a-z0-9-]{1,64}")
UNITS_S = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        raise SimulatorError(message)


def seconds(text: str) -> float:
    """90, 90s, 15m, 2h or 1d, in seconds."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS_S else (text, "s")
    try:
        value = float(number) * UNITS_S[unit]
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no time span such as 90, 90s, 15m, 2h or 1d")
    return value


def duration(text: str) -> float:
    """As `seconds`, or "forever" as infinity."""
    return math.inf if text == "forever" else seconds(text)


def speed(text: str) -> float:
    """A factor above 0, or "max" as infinity."""
    try:
        value = math.inf if text == "max" else float(text)
    except ValueError:
        value = math.nan
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a factor above 0 nor max")
    return value


def probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def share(text: str) -> float:
    value = probability(text)
    if value == 1:
        raise argparse.ArgumentTypeError("must be below 1: something has to come through")
    return value


def whole(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 on")
    return value


def positive(text: str) -> int:
    value = whole(text)
    if value == 0:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def instant(text: str) -> float:
    """Unix seconds, or an ISO 8601 time (UTC where it names no zone), in Unix seconds."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is neither Unix seconds nor an ISO 8601 time") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def code(text: str) -> str:
    if not CODE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no code: 1 to 64 of a-z, 0-9 and -")
    return text


def add_sending(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where to")
    group.add_argument(
        "--mqtt", metavar="URL", help="mqtt[s]://user:password@host:port (or in SIMULATORS_MQTT_URL), QoS 1"
    )
    group.add_argument(
        "--stdout", action="store_true", help="print JSON lines {topic, payload}; the summary goes to stderr"
    )
    group.add_argument(
        "--connections",
        choices=("one", "device"),
        default="one",
        help="one for all devices (default), or one for each under its own user name, with a will; "
        "device opens a thread for each",
    )
    group.add_argument(
        "--password-file",
        metavar="FILE",
        type=Path,
        help='JSON {"device code": "password"}; other devices use the password in --mqtt',
    )
    group.add_argument("--cafile", metavar="FILE", help="certificates to trust with mqtts (default: the system's)")
    group.add_argument(
        "--window",
        metavar="N",
        type=positive,
        default=200,
        help="most messages without a PUBACK at a time (default 200)",
    )
    group.add_argument(
        "--no-farewell", action="store_true", help="end without telling that the devices go offline, as in a power cut"
    )
    group.add_argument(
        "--connect-timeout",
        metavar="SPAN",
        type=seconds,
        default=10.0,
        help="how long to try the first connection (default 10s)",
    )
    group.add_argument("--record", metavar="FILE", type=Path, help="write every acknowledged message as a JSON line")
    group.add_argument("--no-ts", action="store_true", help="leave out ts, the event time")
    group.add_argument("--no-seq", action="store_true", help="leave out seq, the sequence number")
    group.add_argument(
        "--seq-start",
        metavar="N",
        type=whole,
        help="first sequence number of every device (default: the epoch millisecond of the start, so that a "
        "restart goes on above, as long as a device sends under 1000 messages a second)",
    )


def add_faults(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "faults of the line", "Seeded; what was done is counted in the summary. SHARE: 0 to 1."
    )
    group.add_argument("--loss", metavar="SHARE", type=probability, default=0.0, help="messages that are never sent")
    group.add_argument(
        "--misreads",
        metavar="SHARE",
        type=probability,
        default=0.0,
        help="messages with one value far off, never two in a row",
    )
    group.add_argument(
        "--clock-skew",
        metavar="SPAN",
        type=seconds,
        default=0.0,
        help="each device's clock is wrong by a constant, up to this much either way",
    )
    group.add_argument(
        "--duplicates", metavar="SHARE", type=probability, default=0.0, help="messages sent again within 5 s"
    )
    group.add_argument(
        "--late", metavar="SHARE", type=probability, default=0.0, help="messages that come late and out of order"
    )
    group.add_argument("--late-by", metavar="SPAN", type=seconds, default=30.0, help="at most so late (default 30s)")
    group.add_argument(
        "--offline",
        metavar="SHARE",
        type=share,
        default=0.0,
        help="share of the time without connection; buffered and sent afterwards",
    )
    group.add_argument(
        "--offline-for", metavar="SPAN", type=seconds, default=120.0, help="mean length of such a period (default 2m)"
    )
    group.add_argument(
        "--garbage", metavar="SHARE", type=probability, default=0.0, help="messages followed by an unreadable payload"
    )


def faults_from(options: argparse.Namespace) -> Faults:
    if options.offline_for <= 0:
        raise SimulatorError("--offline-for must be above 0")
    return Faults(
        loss=options.loss,
        misreads=options.misreads,
        clock_skew_s=options.clock_skew,
        duplicates=options.duplicates,
        late=options.late,
        late_s=options.late_by,
        offline=options.offline,
        offline_s=options.offline_for,
        garbage=options.garbage,
    )


def line_from(options: argparse.Namespace) -> Line:
    first_seq = int(time.time() * 1000) if options.seq_start is None else options.seq_start
    return Line(
        options.site,
        faults_from(options),
        seed=options.seed,
        first_seq=first_seq,
        with_ts=not options.no_ts,
        with_seq=not options.no_seq,
    )


@contextlib.contextmanager
def sink_from(options: argparse.Namespace, stop: threading.Event, *, status: bool = True) -> Iterator[Sink]:
    """The sink the options ask for; `status` publishes the devices' state. Raises SimulatorError."""
    url: str | None = options.mqtt
    if not options.stdout:
        # Set but empty, as an unset variable arrives through a compose file, counts as not given.
        url = url or os.environ.get("SIMULATORS_MQTT_URL") or None
    if (url is None) == (not options.stdout):
        raise SimulatorError("say where to send: either --mqtt URL or --stdout")
    if url is None:
        if options.record:
            raise SimulatorError("--record needs --mqtt: only a broker acknowledges")
        yield Printer(stop)
        return
    broker = Broker.from_url(url, cafile=options.cafile)
    passwords = _passwords(options.password_file)
    with contextlib.ExitStack() as stack:
        yield Publisher(
            broker,
            options.site,
            stop,
            connection_per_device=options.connections == "device",
            passwords=passwords,
            window=options.window,
            connect_timeout_s=options.connect_timeout,
            record=stack.enter_context(_writable(options.record)) if options.record else None,
            status=status,
            farewell=not options.no_farewell,
        )


def _writable(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise SimulatorError(f"--record {path}: {error.strerror}") from error


def _passwords(path: Path | None) -> Mapping[str, str]:
    if path is None:
        return {}
    try:
        passwords = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SimulatorError(f"--password-file {path}: {error}") from error
    if not isinstance(passwords, dict) or not all(isinstance(password, str) for password in passwords.values()):
        raise SimulatorError(f'--password-file {path}: not JSON of the form {{"device code": "password"}}')
    return passwords


@contextlib.contextmanager
def stop_signal() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set while it is open (in the main thread; elsewhere nobody sets it)."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def print_summary(options: argparse.Namespace, summary: dict[str, object]) -> None:
    print(json.dumps(summary, ensure_ascii=False), file=sys.stderr if options.stdout else sys.stdout, flush=True)


def iso(at: float | None) -> str | None:
    """Unix seconds as RFC 3339 in UTC."""
    return (
        None
        if at is None
        else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )
