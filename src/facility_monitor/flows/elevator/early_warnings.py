"""The fault early-warning ledger (故障预警台账): what is on its way to a limit, and what people make of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from facility_monitor.domain.elevator import early_warning
from facility_monitor.domain.elevator.early_warning import NEXT, Followed, Series, WarningState
from facility_monitor.domain.elevator.trend import Forecast, Sample
from facility_monitor.domain.instant import instant, moment
from facility_monitor.domain.limit import DatedLimit, applicable
from facility_monitor.domain.person import Person, Role
from facility_monitor.errors import Conflict, Forbidden
from facility_monitor.store import limits as dated
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_warnings as kept
from facility_monitor.store.elevator import telemetry
from facility_monitor.store.elevator.elevator_tests import Elevator, all_elevators
from facility_monitor.store.elevator.elevator_warnings import Warned
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.tables import elevator_warning

OPENED = "elevator_warning_opened"
"""What the ledger records; the other transitions are ``elevator_warning_`` and the state."""


def look(tx: Tx, elevators: Collection[Elevator], limits: Collection[DatedLimit], now: datetime) -> list[Entry]:
    """Follow all that the tests of ``elevators``, which are locked, have measured; returns what the ledger must record.

    A trend that will cross its limit opens a warning, or renews the live one.
    """
    histories = kept.histories(tx, [each.id for each in elevators])
    measured = {number: early_warning.series(history.tests) for number, history in histories.items()}
    return _follow(tx, elevators, early_warning.FOLLOWED, measured, histories, limits, now)


def look_at_telemetry(tx: Tx, now: datetime) -> None:
    """Follow what the elevators' own readings tell week by week, and record the warnings that follow from it."""
    elevators = all_elevators(tx)
    ids = [each.id for each in elevators]
    days = telemetry.daily(tx, ids, now)
    measured = {
        number: {Series(quantity, None): early_warning.weekly(each) for quantity, each in of.items()}
        for number, of in days.items()
    }
    known, doors = dated.known(tx), kept.histories(tx, ids)
    ledger.append(tx, _follow(tx, elevators, early_warning.TELEMETRY, measured, doors, known, now))


def _follow(
    tx: Tx,
    elevators: Collection[Elevator],
    followed: Collection[Followed],
    measured: Mapping[int, Mapping[Series, list[Sample]]],
    histories: Mapping[int, kept.History],
    limits: Collection[DatedLimit],
    now: datetime,
) -> list[Entry]:
    ways = {each.quantity: each for each in followed}
    standing = kept.standing(tx, [each.id for each in elevators])
    opened: list[dict[str, Any]] = []
    renewed: list[tuple[int, Mapping[str, Any], datetime]] = []
    for elevator in elevators:
        door = histories[elevator.id].door if elevator.id in histories else {}
        for series, samples in measured.get(elevator.id, {}).items():
            warned = standing.get((elevator.id, series), Warned(None, None))
            since = None if warned.ended_at is None else instant(warned.ended_at)
            counted = samples if since is None else [sample for sample in samples if sample.at > since]
            on = now.astimezone(ZoneInfo(elevator.timezone)).date()
            held = applicable(limits, series.quantity, on, door.get("type"), door.get("clear_width_mm"))
            found = early_warning.look(ways[series.quantity], counted, held)
            if found is None:
                continue
            told = _told(*found, ways[series.quantity])
            expected_at = moment(found[0].crossing.expected)
            if warned.live_id is not None:
                renewed.append((warned.live_id, told, expected_at))
            else:
                opened.append(_row(elevator, series, told, expected_at, now))
    kept.renew(tx, renewed, now)
    numbers = kept.add(tx, opened)
    return [_entry(OPENED, row, number, now) for row, number in zip(opened, numbers, strict=True)]


def move(tx: Tx, number: int, version: int, to: WarningState, reason: str, person: Person, now: datetime) -> None:
    """``person`` confirms a warning, says what was done about it, or dismisses it, each with a reason.

    Raises NotFound, Stale; Conflict where the warning has ended; Forbidden for a contractor, who may only say what was
    done: nobody dismisses warnings of their own work.
    """
    if person.role is Role.CONTRACTOR and to is not WarningState.ACTED:
        raise Forbidden("the site's own people confirm and dismiss warnings; say what was done instead")
    row = versioned.lock(tx, elevator_warning, number, version)
    if to not in NEXT[WarningState(row["state"])]:
        raise Conflict(f"warning {number} is {row['state']}: it cannot become {to.value}")
    kept.put(tx, number, version, to, None if to in early_warning.LIVE else now)
    ledger.append(tx, [_entry(f"elevator_warning_{to.value}", row, number, now, person, reason)])


def _told(forecast: Forecast, limit: DatedLimit, of: Followed) -> dict[str, Any]:
    trend, _, crossing = forecast
    return {
        "source": "telemetry" if of in early_warning.TELEMETRY else "test",
        "unit": of.unit,
        "level": trend.level,
        "slope_per_day": trend.slope,
        "slope_error_per_day": trend.slope_error,
        "tests": trend.fitted,
        "crosses": forecast.limit,
        "limit": limit.as_json(),
        "earliest_at": moment(crossing.earliest).isoformat(),
        "latest_at": None if crossing.latest is None else _bounded(crossing.latest),
    }


def _bounded(at: int) -> str | None:
    """The end of the band; a line almost flat gets there beyond any calendar, which is as good as never."""
    try:
        return moment(at).isoformat()
    except OverflowError:
        return None


def _row(
    elevator: Elevator, series: Series, told: Mapping[str, Any], expected_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "site_id": elevator.site_id,
        "equipment_id": elevator.id,
        "quantity": series.quantity,
        "floor": series.floor,
        "state": WarningState.OPEN,
        "opened_at": now,
        "looked_at": now,
        "expected_at": expected_at,
        "forecast": dict(told),
    }


def _entry(
    kind: str,
    row: Mapping[str, Any],
    number: int,
    now: datetime,
    person: Person | None = None,
    reason: str | None = None,
) -> Entry:
    return Entry(
        kind=kind,
        at=now,
        occurred_at=now,
        site_id=row["site_id"],
        equipment_id=row["equipment_id"],
        alarm_id=None,
        ticket_id=None,
        actor_id=person.id if person else None,
        reason=reason,
        body={
            "warning_id": number,
            "quantity": row["quantity"],
            "floor": row["floor"],
            "expected_at": row["expected_at"].isoformat(),
            **row["forecast"],
        },
    )
