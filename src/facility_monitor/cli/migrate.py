"""``migrate``: bring the database to the newest shape, or back."""

from __future__ import annotations

import argparse

from facility_monitor import settings
from facility_monitor.store import migrate


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "bring the database to the newest shape and load the reference data"
    command = commands.add_parser("migrate", help=words, description=words)
    direction = command.add_mutually_exclusive_group()
    direction.add_argument("--to", metavar="REVISION", default="head", help="up to this revision (default: head)")
    direction.add_argument(
        "--down-to", metavar="REVISION", help="down to this revision, or base for none; drops what newer ones hold"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Migrate; safe to call again."""
    url = settings.load().database_url
    if options.down_to:
        migrate.downgrade(url, options.down_to)
    else:
        migrate.upgrade(url, options.to)
    return 0
