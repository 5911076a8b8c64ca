"""The demo: everything is built up in order, told as it happens, and taken down in reverse."""

from __future__ import annotations

import logging
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import segno

from facility_monitor.demo import site
from facility_monitor.demo.embedded import EmbeddedBroker, EmbeddedPostgres, free_port
from facility_monitor.demo.seed import Logins, seed
from facility_monitor.demo.story import Story
from facility_monitor.service import Service
from facility_monitor.settings import Settings
from facility_monitor.store import migrate
from facility_monitor.store.database import Database

Say = Callable[[str], None]
"""Prints a line with its time."""

ONCE_S = 120.0
"""How long one story may take before it counts as failed."""


HISTORY_S = 1800
"""Longest history, which the charts have to show at the start."""


def perform(settings: Settings, once: bool, out: TextIO) -> None:
    """Run the demo until Ctrl-C or SIGTERM, or ``once`` until one story is complete.

    FM_DATABASE_URL and FM_MQTT_URL, where they are set, take the place of the embedded servers. Raises Unavailable
    where a part does not start, StepMissing where a step of the story does not happen.
    """
    # SIGINT too: a shell that starts us in the background has it ignored
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    say = partial(_say, out, ZoneInfo(settings.timezone))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    logging.getLogger().addHandler(logging.FileHandler(settings.data_dir / "demo.log"))
    try:
        with ExitStack() as stage:
            stage.callback(say, "stopped")
            try:
                _perform(settings, once, stage, out, say)
            finally:
                _taking_down(say)
    except KeyboardInterrupt:
        return


def _perform(settings: Settings, once: bool, stage: ExitStack, out: TextIO, say: Say) -> None:
    chosen, simulators_url = _servers(settings, stage, say)
    say("migrating the database")
    migrate.upgrade(chosen.database_url)
    database = Database(chosen.database_url, pool=1)
    logins = seed(database, chosen.data_dir, chosen.locale, datetime.now(UTC))
    database.close()
    say("starting the service")
    stage.enter_context(Service(chosen, console=out))
    base_url = f"http://127.0.0.1:{chosen.http.rpartition(':')[2]}"
    story = Story(base_url, site.ON_DUTY, logins[site.ON_DUTY], chosen.locale, ZoneInfo(chosen.timezone), out)
    stage.callback(story.close)
    _welcome(chosen, logins, out)

    def begin() -> None:
        say("starting the simulators")
        stage.enter_context(_simulators(simulators_url, chosen.data_dir, say))

    if once:
        story.once(ONCE_S, begin)
    else:
        story.follow(begin)


def _taking_down(say: Say) -> None:
    # from here on a second Ctrl-C would only leave something running
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say("stopping")


def _servers(settings: Settings, stage: ExitStack, say: Say) -> tuple[Settings, str]:
    """The settings with the URLs of what runs, and the URL for the simulators."""
    changed: dict[str, object] = {}
    if "database_url" not in settings.model_fields_set:
        say("starting PostgreSQL")
        changed["database_url"] = stage.enter_context(EmbeddedPostgres(settings.data_dir)).url
    if "mqtt_url" not in settings.model_fields_set:
        broker = stage.enter_context(EmbeddedBroker(settings.data_dir))
        say(f"broker: {broker.kind} on port {broker.port}")
        if broker.kind == "amqtt":
            say("amqtt keeps its queues in memory only: install mosquitto to see what outlives a restart")
        changed["mqtt_url"] = broker.url
        simulators_url = broker.simulators_url
    else:
        simulators_url = settings.mqtt_url
    if "http" not in settings.model_fields_set:
        changed["http"] = f"0.0.0.0:{_port(8000)}"
    return settings.model_copy(update=changed), simulators_url


@contextmanager
def _simulators(url: str, data_dir: Path, say: Say) -> Iterator[None]:
    """The simulators in a process of their own, which Ctrl-C at the terminal does not reach first.

    They begin with half an hour of history, or with what has passed since they were stopped if that is less. That they
    stop is no news of the devices: the demo only pauses.
    """
    stopped = data_dir / "simulators-stopped"
    away = time.time() - stopped.stat().st_mtime if stopped.exists() else math.inf
    words = [sys.executable, "-m", "simulators", "--scenario", "demo", "--site", site.CODE]
    words += ["--history", f"{min(away, HISTORY_S):.0f}s", "--no-farewell"]
    log = data_dir / "simulators.log"
    with log.open("w") as words_of_it:
        child = subprocess.Popen(
            words,
            env={**os.environ, "SIMULATORS_MQTT_URL": url},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=words_of_it,
            stderr=words_of_it,
        )
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        stopped.touch()
        if child.returncode:
            say(f"the simulators ended with {child.returncode}: see {log}")


def _welcome(settings: Settings, logins: Logins, out: TextIO) -> None:
    """Where to open it, with which log-in, and as a QR code for a phone in the same network."""
    port = settings.http.rpartition(":")[2]
    address = settings.public_url or f"http://{_own_address()}:{port}"
    print(f"\n  {address}   (on this machine: http://127.0.0.1:{port})\n", file=out)
    segno.make(address).terminal(out, compact=True, border=2)
    for username, _, role, _ in site.PEOPLE:
        print(f"  {role:<12}{username:<12}{logins[username]}", file=out)
    print("\n  Stop with Ctrl-C.\n", file=out, flush=True)


def _own_address() -> str:
    """The address of this machine in its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
        except OSError:
            return "127.0.0.1"
        address: str = probe.getsockname()[0]
        return address


def _port(wished: int) -> int:
    """``wished`` where it is free, else any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", wished))
        except OSError:
            return free_port()
    return wished


def _say(out: TextIO, zone: tzinfo, words: str) -> None:
    print(f"{datetime.now(zone):%H:%M:%S}  {words}", file=out, flush=True)
