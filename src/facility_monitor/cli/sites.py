"""``site``: bring a site into the database from a YAML file."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from facility_monitor import settings, yaml_text
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.plant.commission import commission
from facility_monitor.store.database import Database, first_line


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("site", help="load a site: spaces, equipment, devices, points")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    load = verbs.add_parser("load", help="bring a site in, or up to date; see docs/connect.md for the form")
    load.add_argument("file", type=Path, help="YAML")
    load.set_defaults(run=load_site)


def load_site(options: argparse.Namespace) -> int:
    """Raises InvalidInput for whatever is wrong with the file; then nothing of it is stored."""
    document = yaml_text.load(yaml_text.read(options.file), str(options.file))
    if not isinstance(document, dict):
        raise InvalidInput({str(options.file): "must be a YAML mapping that begins with code, name and timezone"})
    try:
        with Database(settings.load().database_url, pool=1).transaction() as tx:
            commission(tx, document, "command line", datetime.now(UTC))
    except (IntegrityError, DataError) as error:
        raise InvalidInput({str(options.file): _said(error)}) from None
    print(f"{document['code']}: loaded")
    return 0


def _said(error: DBAPIError) -> str:
    """What the database refuses, with the value that it refuses, in one line."""
    detail = error.orig.diag.message_detail if isinstance(error.orig, psycopg.Error) else None
    return " ".join(f"{first_line(error.orig)} {detail or ''}".split())
