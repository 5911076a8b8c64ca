"""Real messages through a real broker into a real database: every one is accounted for, and what is stored was sent."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from facility_monitor.demo.embedded import EmbeddedBroker
from facility_monitor.flows.plant.commission import commission
from facility_monitor.ingest.tally import Tally
from facility_monitor.ingest.worker import Worker
from facility_monitor.store.database import Database
from facility_monitor.store.reading import retention_policies
from facility_monitor.store.tables import payload_mapping

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STAFFORD: dict[str, Any] = {
    "device": {"path": "device_id"},
    "time": {"path": "ts", "unit": "s"},
    "values": {
        "carbon_monoxide": {"path": "data.co"},
        "humidity": {"path": "data.humidity"},
        "light": {"path": "data.light"},
        "gas": {"path": "data.lpg"},
        "motion": {"path": "data.motion"},
        "smoke": {"path": "data.smoke"},
        "temperature": {"path": "data.temp"},
    },
}
ADDRESSES = {"room-1": "0e:9c:00:4c:1c:51", "room-2": "5e:44:3b:f3:79:c8", "room-3": "f3:6b:f4:34:c0:17"}


def site(devices: dict[str, str | None], keys: list[str]) -> dict[str, Any]:
    name = {"en": "Lab"}
    return {
        "code": "lab",
        "name": name,
        "timezone": "UTC",
        "equipment": [{"code": code, "kind": "pump_room", "name": name} for code in devices],
        "devices": [
            {
                "code": code,
                "address": address,
                "equipment": code,
                "name": name,
                "points": [{"key": key} for key in keys],
            }
            for code, address in devices.items()
        ],
    }


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """One that takes recordings of years ago."""
    database = Database(database_url)
    with database.transaction() as tx:
        now = datetime.now(UTC)
        century = dict.fromkeys(retention_policies.Policy._fields, retention_policies.LONGEST_DAYS)
        late = {"late_days": retention_policies.LONGEST_DAYS - 1}
        retention_policies.change(tx, century | late, now, "test", "recordings", now)
    yield database
    database.close()


@contextmanager
def ingesting(database: Database) -> Iterator[tuple[Tally, Callable[..., dict[str, Any]]]]:
    """A running worker's tally, and a function that replays a recording to its broker."""
    with (
        tempfile.TemporaryDirectory(prefix="fm-", ignore_cleanup_errors=True) as folder,
        EmbeddedBroker(Path(folder)) as broker,
    ):
        worker = Worker(database, broker.url, slot=0, batch=500, gather_s=0.02)
        worker.start()
        while not worker.tally.connected:
            time.sleep(0.01)

        def replay(file: Path, *words: str) -> dict[str, Any]:
            command = [sys.executable, "-m", "simulators", "replay", str(file), "--speed", "max"]
            done = subprocess.run(
                [*command, "--mqtt", broker.simulators_url, *words], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            return dict(json.loads(done.stdout))

        try:
            yield worker.tally, replay
        finally:
            worker.stop()


def wait_for(tally: Tally, received: int) -> None:
    until = time.monotonic() + 60
    while tally.received < received:
        assert time.monotonic() < until, f"{tally.received} of {received} values after 60 s"
        time.sleep(0.05)


def stored(database: Database) -> set[tuple[str, str, int, float]]:
    """(device, key, event time in microseconds, value) of every reading."""
    with database.transaction() as tx:
        rows = tx.execute(
            text(
                "SELECT device.code, point.key, (extract(epoch FROM at) * 1000000)::bigint, value"
                " FROM reading JOIN point ON point.id = point_id JOIN device ON device.id = device_id"
            )
        ).all()
    assert len(rows) == len({tuple(row) for row in rows})
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def test_every_message_of_three_real_devices_is_accounted_for(database: Database, shared_data: Path) -> None:
    file = shared_data / "stafford_mqtt" / "messages.jsonl"
    codes = {address: code for code, address in ADDRESSES.items()}
    with file.open(encoding="utf-8") as lines:
        messages = [json.loads(line) for line in lines]
    keys = {value["path"].removeprefix("data."): key for key, value in STAFFORD["values"].items()}
    expected = {
        (codes[each["device_id"]], keys[name], round(each["ts"] * 1_000_000), float(value))
        for each in messages
        for name, value in each["data"].items()
    }
    with database.transaction() as tx:
        commission(tx, site(dict(ADDRESSES), list(STAFFORD["values"])), "test", NOW)
        tx.execute(insert(payload_mapping).values(topic_filter="foreign/stafford/+", definition=STAFFORD))
    sent = sum(len(each["data"]) for each in messages)
    with ingesting(database) as (tally, replay):
        time.sleep(1.2)  # the worker looks for new mappings once a second
        told = replay(file, "--device-field", "device_id", "--time", "ts", "--raw-topic", "foreign/stafford/{device}")
        assert told["acknowledged"] == len(messages)
        wait_for(tally, sent)
    assert tally.messages == len(messages)
    assert tally.received == tally.stored + tally.duplicate + tally.rejected.total()
    assert (tally.stored, tally.duplicate, tally.rejected.total()) == (len(expected), sent - len(expected), 0)
    assert stored(database) == expected


def test_the_flow_of_a_real_pump_is_stored_as_it_was_sent(database: Database, shared_data: Path) -> None:
    file = shared_data / "skab" / "valve1" / "0.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    expected = {
        (
            "loop-1",
            "flow",
            round(datetime.fromisoformat(row["datetime"]).replace(tzinfo=UTC).timestamp() * 1_000_000),
            float(row["Volume Flow RateRMS"]),
        )
        for row in rows
    }
    with database.transaction() as tx:
        commission(tx, site({"loop-1": None}, ["flow"]), "test", NOW)
    with ingesting(database) as (tally, replay):
        replay(
            file,
            *("--delimiter", ";", "--time", "datetime", "--site", "lab", "--device", "loop-1"),
            *("--value", "flow=Volume Flow RateRMS"),
        )
        wait_for(tally, len(rows))
    assert (tally.stored, tally.rejected.total()) == (len(rows), 0)
    assert stored(database) == expected
