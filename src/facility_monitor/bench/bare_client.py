"""Subscribers that acknowledge and throw away, to compare with: the bare client library, and a client in C."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from facility_monitor.bench import wire
from facility_monitor.errors import Unavailable
from facility_monitor.ingest import topics


@contextmanager
def paho(url: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """paho-mqtt, MQTT 3.1.1, manual acknowledgement, one thread; ends after ``count`` messages."""
    with _session(url, "bench-paho"):
        child = _started([sys.executable, "-m", "facility_monitor.bench.bare_client", url, str(count)])
        if child.stdout is None or child.stdout.readline() != "ready\n":
            raise Unavailable("the bare subscriber does not start: see above")
        with _ended(child):
            yield child


@contextmanager
def in_c(url: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """``mosquitto_sub -q 1``; ends after ``count`` messages. Raises Unavailable where it is not installed."""
    program = shutil.which("mosquitto_sub")
    if program is None:
        raise Unavailable("there is no mosquitto_sub on PATH")
    where = urlsplit(url)
    words = [program, "-h", where.hostname or "", "-p", str(where.port), "-q", "1", "-t", topics.ALL, "-F", ""]
    words += ["-u", unquote(where.username or ""), "-P", unquote(where.password or ""), "-i", "bench-c", "-c"]
    with _session(url, "bench-c"):
        # once until it has subscribed: what comes from then on waits in its session
        subprocess.run([*words, "-E"], check=True, stdout=subprocess.DEVNULL)
        with _ended(subprocess.Popen([*words, "-C", str(count)], text=True, stdout=subprocess.DEVNULL)) as child:
            yield child


@contextmanager
def _session(url: str, client_id: str) -> Iterator[None]:
    """Inside it the broker may keep a session for ``client_id``; afterwards it has none, and queues nothing."""
    try:
        yield
    finally:
        forget(url, client_id)


def forget(url: str, client_id: str) -> None:
    """Have the broker forget a session, with its queue."""
    wire.connect(url, client_id).close()


def _started(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(words, text=True, stdout=subprocess.PIPE)


@contextmanager
def _ended(child: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def main() -> None:
    """``python -m facility_monitor.bench.bare_client URL COUNT``: says ready, and at the end when that was."""
    where, wanted = urlsplit(sys.argv[1]), int(sys.argv[2])
    client = Client(CallbackAPIVersion.VERSION2, "bench-paho", clean_session=False, protocol=MQTTv311, manual_ack=True)
    client.username_pw_set(unquote(where.username or ""), unquote(where.password or ""))
    seen = 0

    def take(client: Client, _data: object, message: MQTTMessage) -> None:
        nonlocal seen
        seen += 1
        client.ack(message.mid, 1)
        if seen == wanted:
            print(json.dumps({"ended": time.time(), "cpu_s": time.process_time()}), flush=True)
            client.disconnect()

    def subscribe(client: Client, _data: object, *_: Any) -> None:
        client.subscribe(topics.ALL, 1)

    client.on_message = take
    client.on_connect = subscribe
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.connect(where.hostname or "", where.port or 1883)
    client.loop_forever()


if __name__ == "__main__":
    main()
