"""Rules of every kind survive a restart at any moment: the alarms are those of an undisturbed run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from facility_monitor.domain.instant import SECOND, instant, moment
from facility_monitor.domain.reading.telemetry import Packet, Status, Telemetry
from facility_monitor.flows.plant.commission import commission
from facility_monitor.flows.reading.intake import Intake
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Database
from facility_monitor.store.tables import ledger, site
from tests.flows.conftest import NOW

T0 = instant(NOW)
PUMP: dict[str, Any] = {"metric": "pressure", "limit": {"level": "low", "value": 300, "unit": "Pa", "deadband": 20}}
LEVEL: dict[str, Any] = {"metric": "water_level", "limit": {"level": "high", "value": 2, "unit": "m"}}
KINDS: dict[str, dict[str, Any]] = {
    "limit": {"level": "high", "value": 430, "unit": "Pa", "deadband": 10},
    "rate": {"way": "either", "change": 150, "span_s": 20, "unit": "Pa"},
    "stuck": {"for_s": 60, "band": 5},
    "silence": {"missed": 2},
    "times": {"count": 3, "within_s": 120, "of": {"limit": PUMP["limit"]}},
    "combination": {"any": [{"all": [{**PUMP, "for_s": 12}, {**LEVEL, "within_s": 20}]}, {"not": LEVEL}]},
    "fluctuation": {"unit": "Pa", "spreads": 3, "learn_readings": 20, "follow_s": 60, "smooth_s": 10, "return_at": 0.6},
    "joint": {
        "points": [{"metric": "pressure"}, {"metric": "water_level"}],
        "spreads": 2,
        "learn_readings": 20,
        "follow_s": 60,
    },
}


def written(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "name": {"en": kind},
        "kind": kind,
        "severity": "low",
        "scope": {"metric": "pressure"},
        kind: KINDS[kind],
        "response": {"en": "Look"},
        "off_delay_s": 5,
        **more,
    }


SITES = {"hill": "plc-1", "dale": "plc-2"}
"""Two sites that are the same: one has an undisturbed life, the other has not."""


def twin(code: str, device: str) -> dict[str, Any]:
    name = {"en": code}
    points = [{"key": key, "report_period_s": period} for key, period in (("pressure", 10), ("water_level", None))]
    return {
        "code": code,
        "name": name,
        "timezone": "UTC",
        "equipment": [{"code": "pr", "kind": "pump_room", "name": name}],
        "devices": [{"code": device, "name": name, "equipment": "pr", "points": points}],
    }


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool=2)
    with database.transaction() as tx:
        for code, device in SITES.items():
            commission(tx, twin(code, device), "test", NOW)
        tx.execute(text("UPDATE rule SET enabled = false"))
        for kind in KINDS:
            document = written(kind, on_delay_s=4 if kind == "limit" else 0)
            before = NOW - timedelta(days=1)
            rules.add(tx, f"a-{kind}", document, enabled=True, changed_by="test", reason="test", now=before)
    yield database
    database.close()


def stream(seed: int, of: str) -> list[Telemetry | Status]:
    """Messages of a pump that is unwell in many ways, some of them late, and its will now and then."""
    rng = random.Random(seed)
    sent: list[Telemetry | Status] = []
    arrival = newest = T0
    pressure, level = 400.0, 1.5
    for number in range(220):
        arrival += rng.choice((5, 5, 5, 5, 6, 31)) * SECOND + rng.randrange(1000)
        if number % 40 < 14:
            pressure += rng.choice((-3, 0, 2))
        else:
            pressure = rng.choice((pressure, 400.0, 290.0, 315.0, 440.0, 600.0))
        level = rng.choice((level, level, 1.5, 2.1))
        # late is older than the one before: what is only slow may rightly be judged by the clock before it comes
        at = newest - rng.randrange(40) * SECOND if rng.random() < 0.08 else arrival
        newest = max(newest, at)
        values = {"pressure": pressure} if number % 3 else {"pressure": pressure, "water_level": level}
        sent.append(Telemetry(of, SITES[of], at, number, values, Packet("t", b"", arrival)))
        if rng.random() < 0.03:
            arrival += 1
            sent.append(Status(of, SITES[of], False, Packet("s", b"", arrival)))
            sent.append(Status(of, SITES[of], True, Packet("s", b"", arrival)))
    return sent


def run(database: Database, messages: Sequence[Telemetry | Status], seed: int, *, crashes: bool) -> list[Any]:
    """The ledger of alarms after all ``messages``, taken in batches, with looks at the clock in between."""
    rng = random.Random(seed)
    intake, rest = Intake(), list(messages)
    while rest:
        cut = rng.choice((1, 1, 3, 8, 30))
        batch, rest = rest[:cut], rest[cut:]
        now = moment(batch[-1].packet.received_at)
        if crashes and rng.random() < 0.5:
            with database.transaction() as tx:
                intake.take(tx, batch, now)
                tx.rollback()
            intake = Intake()
        with database.transaction() as tx:
            receipt = intake.take(tx, batch, now)
        if crashes and rng.random() < 0.5:
            intake = Intake()
        else:
            intake.keep(receipt)
        if rest and rng.random() < 0.5:
            tick(database, intake, moment(rest[0].packet.received_at - 1))
    tick(database, intake, moment(messages[-1].packet.received_at + 600 * SECOND))
    return told(database, messages[0].site)


def tick(database: Database, intake: Intake, now: datetime) -> None:
    with database.transaction() as tx:
        intake.refresh(tx)
        receipt = intake.tick(tx, instant(now), now)
    intake.keep(receipt)


def told(database: Database, code: str | None) -> list[Any]:
    facts = ledger.c.body["rule"].as_string(), ledger.c.kind, ledger.c.occurred_at, ledger.c.body["value"].as_string()
    with database.transaction() as tx:
        asked = select(*facts).join(site, site.c.id == ledger.c.site_id).where(site.c.code == code)
        return sorted(tuple(row) for row in tx.execute(asked.where(ledger.c.kind.startswith("alarm"))))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_alarms_after_crashes_are_those_of_an_undisturbed_run(database: Database, seed: int) -> None:
    undisturbed = run(database, stream(seed, "hill"), seed, crashes=False)
    disturbed = run(database, stream(seed, "dale"), seed + 100, crashes=True)
    assert {rule for rule, *_ in undisturbed} == {f"a-{kind}" for kind in KINDS}
    assert [each for each in disturbed if each not in undisturbed] == []
    assert [each for each in undisturbed if each not in disturbed] == []
    assert disturbed == undisturbed
