"""``run``, ``ingest``, ``worker``, ``api``: the service, all in one process or each part in its own."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

from facility_monitor import settings
from facility_monitor.service import Part, Service

COMMANDS = {
    "run": (tuple(Part), "the whole service in one process"),
    "ingest": ((Part.INGEST,), "the MQTT ingest; a second one stands by and takes over"),
    "worker": ((Part.WORKER,), "sends what the outbox holds and runs the jobs; as many as you like"),
    "api": ((Part.API,), "the HTTP API and the web app (FM_HTTP)"),
}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, (parts, words) in COMMANDS.items():
        command = commands.add_parser(name, help=words, description=words)
        command.set_defaults(run=run, parts=parts)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    chosen = settings.load()
    logging.getLogger().setLevel(chosen.log_level)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Service(chosen, options.parts):
        print(f"facility-monitor {options.command}: started; stop with Ctrl-C", file=sys.stderr, flush=True)
        stop.wait()
    return 0
