"""``device``: devices, and their accounts at the broker."""

from __future__ import annotations

import argparse
from pathlib import Path

from sqlalchemy import select

from facility_monitor import settings
from facility_monitor.cli import prompt
from facility_monitor.errors import NotFound
from facility_monitor.ingest import topics
from facility_monitor.ingest.broker_accounts import set_password
from facility_monitor.store.database import Database
from facility_monitor.store.tables import device, site


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("device", help="list devices; give one an account at the broker")
    verbs = command.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="all devices with their topics")
    listing.set_defaults(run=list_devices)
    password = verbs.add_parser("password", help="write a device's account into the broker's password file")
    password.add_argument("code", help="the device's code, which is its MQTT user name")
    password.add_argument("--file", type=Path, required=True, help="mosquitto's password_file; SIGHUP makes it read")
    password.add_argument("--generate", action="store_true", help="make the password and show it")
    password.set_defaults(run=give_password)


def list_devices(_options: argparse.Namespace) -> int:
    """Code, state and telemetry topic of each device, a line each."""
    database = Database(settings.load().database_url, pool=1)
    with database.transaction() as tx:
        rows = tx.execute(select(device.c.code, device.c.state, site.c.code).join(site).order_by(device.c.code)).all()
    for code, state, of_site in rows:
        print(f"{code}\t{state}\t{topics.telemetry(of_site, code)}")
    return 0


def give_password(options: argparse.Namespace) -> int:
    """Raises NotFound where there is no such device: an account without one would publish into the rejects."""
    database = Database(settings.load().database_url, pool=1)
    with database.transaction() as tx:
        known = tx.execute(select(device.c.id).where(device.c.code == options.code)).scalar()
    if known is None:
        raise NotFound(f"device {options.code}")
    password, show = prompt.asked(options.generate)
    set_password(options.file, options.code, password)
    if show:
        print(password)
    return 0
