"""What the demo's contractor has measured at the elevators before the first start: weeks of tests, entered on their day
but for a few, one door that gets slower, and a week that was missed.

A story of the simulated site like its readings: each test bears the reason ``demo history`` in the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from facility_monitor.domain.elevator.elevator import FORM, KIND, Door, ElevatorTest, Floor, Worker
from facility_monitor.domain.fire.upkeep import Task, tasks
from facility_monitor.domain.person import Person
from facility_monitor.errors import FacilityMonitorError
from facility_monitor.flows.elevator import elevator_tests
from facility_monitor.flows.elevator.elevator_tests import Draft
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import upkeep
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_test, equipment, site

WEEKS = 12
WEARS, FLOOR, BY_WEEK_S = "el-1", 5, 0.09
"""The door of this floor needs so much longer each week to open, and will reach its limit within a few."""
MISSED = "el-2"
"""Was not tested last week: its manager is told at the first start."""
LATE = {("el-3", 4), ("el-4", 7), ("el-4", 8)}
"""Elevators and weeks whose test was entered days after it was made (补录)."""
_WORKERS = (Worker("赵强", "T5301-0417"), Worker("孙磊", "T5301-0522"))
_FLOORS = range(1, 7)
_DOOR = Door("centre", 900)


def enter(tx: Tx, site_id: int, contractor: Person, now: datetime) -> None:
    """Enter the history of the site's elevators, where none of them has a test yet. Raises what was refused."""
    if tx.execute(select(elevator_test.c.id).where(elevator_test.c.site_id == site_id).limit(1)).first() is not None:
        return
    zone = ZoneInfo(tx.execute(select(site.c.timezone).where(site.c.id == site_id)).scalar_one())
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    asked = select(equipment.c.id, equipment.c.code).where(equipment.c.site_id == site_id, equipment.c.kind == KIND)
    elevators = tx.execute(asked.order_by(equipment.c.id)).all()
    entered: dict[datetime, list[Draft]] = defaultdict(list)
    for week in range(WEEKS):
        tuesday = monday - timedelta(weeks=WEEKS - week) + timedelta(days=1)
        for number, code in elevators:
            if (code, week) == (MISSED, WEEKS - 1):
                upkeep.keep_tasks(tx, _weekly(tx, number, tuesday))
                continue
            at = datetime.combine(tuesday, time(10), zone)
            later = timedelta(days=3) if (code, week) in LATE else timedelta(hours=2)
            entered[at + later].append(Draft(number, _test(code, week, at), reason="demo history"))
    for at, drafts in sorted(entered.items()):
        for outcome in elevator_tests.record(tx, drafts, Sight(contractor, at), None, at):
            if isinstance(outcome, FacilityMonitorError):
                raise outcome


def _weekly(tx: Tx, elevator_id: int, day: date) -> list[Task]:
    """The duty to test an elevator in the week of ``day``."""
    plans = [each for each in upkeep.plans(tx) if each.form == FORM]
    items = [each.item for each in upkeep.registered(tx, equipment.c.id == elevator_id)]
    return tasks(plans, items, day, day)


def _test(code: str, week: int, at: datetime) -> ElevatorTest:
    floors = []
    for floor in _FLOORS:
        # what a ruler and a stopwatch scatter by, the same at every start
        scatter = (week * 7 + floor * 3) % 5 - 2
        slower = BY_WEEK_S * week if code == WEARS and floor == FLOOR else 0.0
        values = {
            "leveling_up_mm": 1.0 + scatter * 0.5,
            "leveling_down_mm": -1.0 + scatter * 0.5,
            "door_open_s": round(2.7 + scatter * 0.02 + slower, 2),
            "door_close_s": round(2.9 + scatter * 0.02, 2),
            "closing_force_n": 118.0 + scatter,
        }
        floors.append(Floor(str(floor), values))
    return ElevatorTest(at, _WORKERS, tuple(floors), _DOOR)
