"""`python -m simulators replay`: sends a recording as a device would have sent it, or its JSON lines unchanged."""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulators import recording
from simulators.clock import Clock, start_clock
from simulators.drive import drive
from simulators.errors import SimulatorError
from simulators.line import Faults
from simulators.message import Message, Packet
from simulators.options import (
    Parser,
    add_faults,
    add_sending,
    code,
    faults_from,
    instant,
    iso,
    line_from,
    positive,
    print_summary,
    seconds,
    sink_from,
    speed,
    stop_signal,
    whole,
)
from simulators.recording import ColumnMapping, Row

END_PATIENCE_S, STOP_PATIENCE_S = 15.0, 1.0
"""Seconds to wait for the last acknowledgements, at the end and when stopped."""


@dataclass
class Contents:
    """What a first reading of the whole file found; times in Unix seconds."""

    rows: int = 0
    without_values: int = 0
    first_at: float = math.inf
    last_at: float = -math.inf
    devices: dict[str, None] = field(default_factory=dict)


def main(argv: list[str]) -> int:
    """Runs the command; returns 0, or 1 when not everything was acknowledged. Raises SimulatorError for wrong input."""
    options = _parser().parse_args(argv)
    mapping = _mapping(options)
    # The whole file is read before anything is sent: a bad line in its middle must not leave half of it at the broker.
    contents = _examine(options, mapping)
    line = line_from(options)
    with stop_signal() as stop, sink_from(options, stop, status=options.raw_topic is None) as sink:
        sink.open(tuple(contents.devices))
        began = time.time()
        shift_s, clock = _clock(options, contents, began)
        if options.raw_topic is None:
            driven = drive(line.through(_messages(options, mapping, shift_s)), sink, clock, stop, pending=line.pending)
        else:
            driven = drive(_raw_packets(options, mapping, shift_s), sink, clock, stop)
        counts = sink.close(STOP_PATIENCE_S if driven.stopped else END_PATIENCE_S)
    faults = dict(line.done)
    made = faults.pop("messages")
    print_summary(
        options,
        {
            "file": str(options.file),
            "site": options.site,
            "devices": list(contents.devices),
            "rows": contents.rows,
            "rows_without_values": 0 if options.raw_topic else contents.without_values,
            "first_at": iso(driven.first_at),
            "last_at": iso(driven.last_at),
            "shift_s": shift_s,
            "elapsed_s": round(time.time() - began, 3),
            "stopped": driven.stopped,
            "messages": contents.rows if options.raw_topic else made,
            **counts,
            "unsent": driven.unsent,
            "faults": faults,
        },
    )
    return 0 if counts.get("acknowledged", counts["published"]) == counts["published"] else 1


def _parser() -> Parser:
    parser = Parser(
        prog="python -m simulators replay",
        description="Sends a recording. FIELD: a CSV column, or a dotted path into a JSON line such as data.humidity.",
        epilog="SPAN: seconds, or a number with s, m, h or d. Exit codes: 0 done, 1 not everything was acknowledged, "
        "2 wrong options or input.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="a CSV file with a header, or JSON lines")
    parser.add_argument(
        "--format", choices=("csv", "jsonl"), help="default: jsonl for .jsonl, .ndjson and .json, else csv"
    )
    parser.add_argument("--delimiter", default=",", help="between CSV fields (default a comma)")
    parser.add_argument("--limit", metavar="N", type=positive, help="only the first N rows")
    parser.add_argument(
        "--site", metavar="CODE", type=code, default="jade-garden", help="site code (default jade-garden)"
    )
    parser.add_argument("--device", metavar="CODE", type=code, help="device code")
    parser.add_argument(
        "--device-field",
        metavar="FIELD",
        help="take the device code from this field, in lower case, with - for other characters",
    )
    parser.add_argument(
        "--value",
        metavar="KEY=FIELD",
        action="append",
        default=[],
        help="metric key and the field of its value; repeatable",
    )
    parser.add_argument(
        "--scale",
        metavar="KEY=FACTOR",
        action="append",
        default=[],
        help="multiply this metric to reach the point's unit (1e5 for bar to Pa); repeatable",
    )
    parser.add_argument("--allow-missing", action="store_true", help="a row without the field of a value is no error")
    parser.add_argument(
        "--raw-topic",
        metavar="TEMPLATE",
        help="send each JSON line unchanged on this topic; {site} and {device} are replaced",
    )
    when = parser.add_argument_group("time")
    when.add_argument("--time", metavar="FIELD", help="field of the event time")
    when.add_argument(
        "--time-format",
        metavar="FORMAT",
        default="auto",
        help="epoch (s), epoch-ms, iso or a strptime format (default: numbers are epoch, texts iso)",
    )
    when.add_argument("--naive-zone", metavar="ZONE", default="UTC", help="zone of times that name none (default UTC)")
    when.add_argument("--step", metavar="SPAN", type=seconds, help="without --time: from row to row")
    when.add_argument(
        "--start",
        metavar="TIME",
        type=instant,
        help="move the recording so that it begins then: Unix seconds or ISO 8601",
    )
    when.add_argument(
        "--clock",
        choices=("original", "shifted"),
        default="original",
        help="the recording's own times, or moved so that it ends at now (at speed 1: begins at now)",
    )
    when.add_argument(
        "--speed", metavar="X", type=speed, default=1.0, help="times as fast as recorded, or max (default 1)"
    )
    parser.add_argument("--seed", metavar="N", type=whole, default=1, help="of the line's faults (default 1)")
    add_sending(parser)
    add_faults(parser)
    return parser


def _mapping(options: argparse.Namespace) -> ColumnMapping:
    raw = options.raw_topic is not None
    if raw and (options.value or options.clock == "shifted" or options.start is not None):
        raise SimulatorError("--raw-topic sends lines unchanged: no --value, --start or --clock shifted with it")
    if raw and (_form(options) != "jsonl" or faults_from(options) != Faults()):
        raise SimulatorError("--raw-topic needs JSON lines and takes no faults of the line")
    if raw and options.connections == "device":
        raise SimulatorError("--raw-topic needs --connections one")
    if raw and (not options.raw_topic or set(options.raw_topic) & set("+#")):
        raise SimulatorError("--raw-topic must be a topic without wildcards")
    if not raw and not options.value:
        raise SimulatorError("say what to send: --value KEY=FIELD, or --raw-topic TEMPLATE")
    needs_device = not raw or "{device}" in options.raw_topic
    if options.device is not None and options.device_field is not None:
        raise SimulatorError("either --device or --device-field, not both")
    if needs_device and options.device is None and options.device_field is None:
        raise SimulatorError("say which device: --device CODE or --device-field FIELD")
    if (options.time is None) == (options.step is None) and not (raw and math.isinf(options.speed)):
        raise SimulatorError("say when: either --time FIELD or --step SPAN")
    if len(options.delimiter) != 1:
        raise SimulatorError("--delimiter must be one character")
    try:
        zone = ZoneInfo(options.naive_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SimulatorError(f"--naive-zone: unknown zone {options.naive_zone!r}") from error
    scales = {}
    for key, factor in _pairs("--scale", options.scale).items():
        try:
            scales[key] = float(factor)
        except ValueError as error:
            raise SimulatorError(f"--scale {key}: {factor!r} is no number") from error
    return ColumnMapping(
        values=_pairs("--value", options.value),
        scales=scales,
        device=options.device,
        device_field=options.device_field,
        time_field=options.time,
        time_format=options.time_format,
        zone=zone,
        step_s=options.step,
        allow_missing=options.allow_missing,
    )


def _pairs(option: str, texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for text, (key, _, name) in zip(texts, pairs, strict=True):
        if not key or not name:
            raise SimulatorError(f"{option} {text!r}: not of the form KEY=...")
    return {key: name for key, _, name in pairs}


def _form(options: argparse.Namespace) -> str:
    known: str | None = options.format
    return known or ("jsonl" if options.file.suffix in (".jsonl", ".ndjson", ".json") else "csv")


def _rows(options: argparse.Namespace) -> Iterator[Row]:
    return recording.rows(options.file, form=_form(options), delimiter=options.delimiter, limit=options.limit)


def _examine(options: argparse.Namespace, mapping: ColumnMapping) -> Contents:
    contents = Contents()
    for row in _rows(options):
        message = recording.message(row, mapping)
        contents.rows += 1
        contents.without_values += not message.values
        contents.first_at = min(contents.first_at, message.at)
        contents.last_at = max(contents.last_at, message.at)
        contents.devices[message.device] = None
    if not contents.rows:
        raise SimulatorError(f"{options.file}: no rows")
    return contents


def _clock(options: argparse.Namespace, contents: Contents, now: float) -> tuple[float, Clock]:
    """Seconds to add to the recording's times, and the clock to send by."""
    duration_s = contents.last_at - contents.first_at
    if options.start is not None:
        shift_s = options.start - contents.first_at
    elif options.clock == "shifted" or (options.time is None and options.raw_topic is None):
        shift_s = start_clock(now, speed=options.speed, duration_s=duration_s).zero - contents.first_at
    else:
        shift_s = 0.0
    ends_at = contents.last_at + shift_s
    if options.clock == "original" and options.time is not None and ends_at > now:
        raise SimulatorError(f"{options.file}: it ends in the future ({iso(ends_at)}); use --clock shifted")
    return shift_s, Clock(contents.first_at + shift_s, now, options.speed)


def _messages(options: argparse.Namespace, mapping: ColumnMapping, shift_s: float) -> Iterator[Message]:
    for row in _rows(options):
        message = recording.message(row, mapping)
        if message.values:
            yield message._replace(at=message.at + shift_s)


def _raw_packets(options: argparse.Namespace, mapping: ColumnMapping, shift_s: float) -> Iterator[Packet]:
    for row in _rows(options):
        at, device = recording.at(row, mapping) + shift_s, recording.device(row, mapping)
        topic = options.raw_topic.replace("{site}", options.site).replace("{device}", device)
        yield Packet(at, at, device, topic, row.raw)
