"""``check``: is this installation in order?"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from facility_monitor import settings
from facility_monitor.errors import FacilityMonitorError
from facility_monitor.ingest.probe import probe
from facility_monitor.settings import Settings
from facility_monitor.store import migrate
from facility_monitor.store.database import Database


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "show the settings and whether database, migrations and broker are in order; exit code 1 if not"
    commands.add_parser("check", help=words, description=words).set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Settings with their secrets masked, then a line for each part."""
    chosen = settings.load()
    for name, value in chosen.masked().items():
        print(f"{name}={value}")
    checks: dict[str, Callable[[Settings], str]] = {
        "database": _database,
        "broker": lambda chosen: probe(chosen.mqtt_url),
        "data_dir": _data_dir,
    }
    bad = 0
    for part, look in checks.items():
        try:
            print(f"ok   {part}: {look(chosen)}")
        except FacilityMonitorError as error:
            bad += 1
            print(f"FAIL {part}: {error}")
    return 1 if bad else 0


def _database(chosen: Settings) -> str:
    database = Database(chosen.database_url, pool=1)
    try:
        return migrate.standing(database)
    finally:
        database.close()


def _data_dir(chosen: Settings) -> str:
    try:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
        (chosen.data_dir / ".check").touch()
        (chosen.data_dir / ".check").unlink()
    except OSError as error:
        raise FacilityMonitorError(f"{chosen.data_dir}: {error.strerror}") from None
    return str(chosen.data_dir.absolute())
