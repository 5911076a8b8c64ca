"""Whose time to order has come: the managers are told once of every part, and again where the last day has moved."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.elevator.part import PartEvent
from facility_monitor.domain.elevator.part_life import Expectation
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.rota import Position
from facility_monitor.domain.text import said
from facility_monitor.flows.elevator.elevator_parts import Forecast, forecasts
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_parts as kept
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry

MOVED = timedelta(days=7)
"""A last day to order that moves by less (P) is the same: a forecast sways a little with each reading."""


class Due(NamedTuple):
    """A part whose time to order has come, by the life that ends first."""

    forecast: Forecast
    ends: Expectation
    order_by: date


def warn(tx: Tx, now: datetime) -> None:
    """Tell of every standing part whose last day to order is near or gone, where nobody was told or another day was.

    Safe to run at any time and again: what was told is noted in the same transaction.
    """
    due = [
        Due(each, each.nearest, each.order_by)
        for each in forecasts(tx, now)
        if each.order_soon
        and each.nearest is not None
        and each.order_by is not None
        and _is_news(each.part.told_order_by, each.order_by)
    ]
    if not due:
        return
    kept.warn(
        tx,
        [
            {"part_id": each.part.id, "warned_at": now, "due_on": ends.expected, "order_by": by}
            for (each, ends, by) in due
        ],
    )
    written = ledger.append(tx, [_entry(each, now) for each in due])
    places = plant.places(tx, {each.part.equipment_id for each, *_ in due})
    matters = [
        Matter(
            number,
            each.forecast.part.site_id,
            None,
            _notice(each, places[each.forecast.part.equipment_id]),
            position=Position.MANAGER,
        )
        for number, each in zip(written, due, strict=True)
    ]
    announce(tx, matters, now)


def _is_news(told: date | None, order_by: date) -> bool:
    return told is None or abs(told - order_by) >= MOVED


def _entry(each: Due, now: datetime) -> Entry:
    part = each.forecast.part
    body = {
        "part_id": part.id,
        "part_kind": part.kind,
        "due_on": each.ends.expected.isoformat(),
        "order_by": each.order_by.isoformat(),
        "rule": each.ends.rule.as_json(),
    }
    return Entry(PartEvent.ORDER_DUE, now, now, part.site_id, part.equipment_id, None, None, None, None, body)


def _notice(each: Due, place: plant.Place) -> Notice:
    part, over, due, by = each.forecast.part, each.forecast.over_age, each.ends.expected, each.order_by
    return Notice(
        kind=PartEvent.ORDER_DUE,
        tag=f"part-{part.id}",
        severity=Severity.MEDIUM if over else Severity.LOW,
        life_safety=False,
        title={
            "zh-CN": f"{said(part.kind_name, 'zh-CN')}{'已超龄' if over else '即将到期'}",
            "en": f"{said(part.kind_name, 'en')}: {'over age' if over else 'near its end'}",
        },
        place=place.full,
        response={"zh-CN": f"预计 {due} 到期，请于 {by} 前订货", "en": f"expected to end on {due}: order by {by}"},
        path=f"/equipment/{part.equipment_id}",
    )
