"""The parts of the demo's elevators: some new, some near their end, some over age, and a rope that gets thinner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from facility_monitor.demo import site
from facility_monitor.domain.calendar_month import add_months
from facility_monitor.domain.person import Person
from facility_monitor.flows.elevator import elevator_parts
from facility_monitor.flows.elevator.elevator_parts import Draft
from facility_monitor.store.database import Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import elevator_part, equipment

ROPE = {
    "nominal_diameter_mm": 10.0,
    "construction": "8x19",
    "drive": {
        "traction_sheave_mm": 400.0,
        "deflector_mm": 400.0,
        "pulleys": 1,
        "reverse_pulleys": 0,
        "traction_equivalent": 1.0,
    },
}
KINDS: Mapping[str, tuple[int, int, int, tuple[int, ...]]] = {
    # pieces, price of one in fen, days to deliver, months in use at elevator 1 to 4
    "wire_rope": (6, 185_000, 45, (40, 57, 18, 63)),
    "traction_sheave": (1, 1_250_000, 60, (110, 57, 18, 128)),
    "inverter": (1, 2_350_000, 45, (104, 57, 18, 90)),
    "inverter_fan": (2, 42_050, 10, (20, 35, 18, 27)),
    "inverter_capacitor": (1, 130_000, 20, (50, 57, 18, 40)),
    "brake": (1, 680_000, 30, (110, 57, 18, 119)),
    "governor": (1, 350_000, 30, (110, 57, 18, 128)),
    "door_operator": (1, 560_000, 30, (110, 57, 18, 128)),
    "door_belt": (2, 18_000, 7, (30, 47, 18, 12)),
    "traveling_cable": (1, 420_000, 30, (104, 57, 18, 90)),
    "buffer": (4, 22_500, 15, (50, 57, 18, 61)),
}
THINNER_MM = 0.03
"""So much each month at elevator 1."""


def enter(tx: Tx, person: Person, now: datetime) -> None:
    """Bring the parts in, as ``person`` would have, where there are none yet."""
    if tx.execute(select(func.count()).select_from(elevator_part)).scalar_one():
        return
    sight, today = Sight(person, now), now.astimezone(ZoneInfo(site.ZONE)).date()
    codes = {row.code: row.id for row in tx.execute(select(equipment.c.code, equipment.c.id))}
    for kind, (quantity, price, lead_time, ages) in KINDS.items():
        for n, months in enumerate(ages, 1):
            content: dict[str, Any] = {
                "maker": None,
                "model": None,
                "remarks": None,
                "supplier": "Demo Lifts",
                "quantity": quantity,
                "unit_price": price,
                "currency": "CNY",
                "lead_time_days": lead_time,
                **(ROPE if kind == "wire_rope" else dict.fromkeys(ROPE)),
            }
            installed = add_months(today, -months)
            number = elevator_parts.install(tx, Draft(codes[f"el-{n}"], kind, installed, content), sight, now)
            if (kind, n) == ("wire_rope", 1):
                _measure(tx, number, today, sight, now)


def _measure(tx: Tx, rope: int, today: date, sight: Sight, now: datetime) -> None:
    for month in range(8):
        measured = {"diameter_mm": round(9.78 - THINNER_MM * month, 2), "broken_wires_spread": month}
        content = {"measured": measured, "inspector": "赵师傅 Zhao", "remarks": None}
        on = add_months(today, month - 7) - timedelta(days=1)
        elevator_parts.inspect(tx, rope, on, content, None, None, sight, now)
