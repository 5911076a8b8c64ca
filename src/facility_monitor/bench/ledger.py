"""How fast the ledger is proved: in the database, against its checkpoints, and in a file that was handed out.

Entries as alarms write them, a tenth of them of each of ten sites, half of them under a checkpoint. What is measured is
what ``facility-monitor ledger verify`` does, without the program's start.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from facility_monitor.bench.report import Cell, Report
from facility_monitor.bench.servers import servers
from facility_monitor.flows.evidence.hand_out import export_ledger
from facility_monitor.flows.evidence.proof import Proof, prove, prove_file
from facility_monitor.flows.evidence.seal import seal
from facility_monitor.store.database import Database
from facility_monitor.store.evidence import ledger, signing_key
from facility_monitor.store.evidence.checkpoints import Checkpoints
from facility_monitor.store.evidence.ledger import Entry

SITES, AT_ONCE = 10, 1_000
TARGET = 20_000
"""Entries proved a second."""


def add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--entries", type=int, default=200_000, help="of the ledger (default: %(default)s)")
    command.add_argument("--database-url", metavar="URL", help="a PostgreSQL to take instead of one of our own")


def run(options: argparse.Namespace, report: Report) -> None:
    """Raises Unavailable where a server is missing."""
    with servers(options.database_url) as running, running.database() as url, TemporaryDirectory() as folder:
        database = Database(url, pool=1)
        try:
            _measure(database, Path(folder), options.entries, report)
        finally:
            database.close()


def _measure(database: Database, folder: Path, count: int, report: Report) -> None:
    now, key = datetime.now(UTC), signing_key.kept(folder / "key.pem")
    checkpoints, handed_out = Checkpoints(folder / "checkpoints"), folder / "ledger.zip"
    report.say(f"writing {count:,} entries ...")
    began = time.perf_counter()
    _fill(database, count // 2, now)
    seal(database, checkpoints, key, now)
    _fill(database, count - count // 2, now)
    written = count / (time.perf_counter() - began)

    def in_database() -> Proof:
        with database.transaction() as tx:
            return prove(tx, checkpoints, key.public)

    def in_file() -> Proof:
        return prove_file(handed_out, key.public)

    rows: list[dict[str, Cell]] = [{"what": "appended, 1,000 a transaction", "entries/s": round(written)}]
    with database.transaction() as tx:
        export_ledger(tx, handed_out, checkpoints, key, [], now)
    for name, proved in (("proved in the database", in_database), ("proved in a file", in_file)):
        rate = _rate(proved, count, name, report)
        rows.append({"what": name, "entries/s": rate})
        report.target(f"entries {name} a second", rate, at_least=TARGET)
    report.table("The ledger", rows)


def _rate(proved: Callable[[], Proof], count: int, name: str, report: Report) -> int:
    began = time.perf_counter()
    found = proved()
    took = time.perf_counter() - began
    report.check(f"{name}: entries that hold", found.entries if found.broken is None else str(found.broken), count)
    return round(count / took)


def _fill(database: Database, count: int, now: datetime) -> None:
    with database.transaction() as tx:
        made = "INSERT INTO site (code, name, timezone) SELECT 'bench-' || n, '{\"en\": \"Bench\"}', 'Asia/Shanghai'"
        tx.execute(text(f"{made} FROM generate_series(1, :sites) AS n ON CONFLICT DO NOTHING"), {"sites": SITES})
        sites = list(tx.execute(text("SELECT id FROM site WHERE code LIKE 'bench-%' ORDER BY id")).scalars())
    for first in range(0, count, AT_ONCE):
        entries = [
            Entry(
                kind="alarm_raised",
                at=now + timedelta(microseconds=number),
                occurred_at=now,
                site_id=sites[number % SITES],
                equipment_id=None,
                alarm_id=None,
                ticket_id=None,
                actor_id=None,
                reason=None,
                body={"limit": 80, "value": number / 7, "unit": "%RH", "title": {"zh-CN": "湿度过高", "en": "Humid"}},
            )
            for number in range(first, min(first + AT_ONCE, count))
        ]
        with database.transaction() as tx:
            ledger.append(tx, entries)
