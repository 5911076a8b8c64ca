"""``demo``: everything on this machine, without hardware."""

from __future__ import annotations

import argparse
import sys

from facility_monitor import settings


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "database, broker, service and simulators in one: watch a reading become an alarm, a push and a ticket"
    command = commands.add_parser("demo", help=words, description=words)
    command.add_argument("--once", action="store_true", help="until one story is complete; exit code 1 if it is not")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Raises BadSettings, Unavailable."""
    # only here: an installation that serves has none of the libraries that only the demo needs
    from facility_monitor.demo import stage
    from facility_monitor.demo.story import StepMissing

    try:
        stage.perform(settings.load(), options.once, sys.stdout)
    except StepMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0
