"""Whether points and devices are heard: ``online``, ``offline`` or ``unknown``, at the moment of asking.

A point that has a report period is offline once as many of its reports are missing as the silence of its equipment
takes: 3, or 2 where it protects people. One whose period is learned is offline while a silence rule says so. What a
will, or a death, has put offline is offline with all its points, whatever they said before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, and_, case, exists, func, literal, null, select

from facility_monitor.domain.alarm.condition.silence import MISSED, MISSED_LIFE_SAFETY
from facility_monitor.domain.alarm.judge import Phase
from facility_monitor.store.tables import device, equipment, equipment_kind, point, reading, rule, rule_state

State = ColumnElement[str]
_OFFLINE, _ONLINE = literal("offline", Text), literal("online", Text)


def point_state(now: datetime) -> State:
    """Of a row of ``point`` that is joined with its device, its equipment and that one's kind."""
    return case((device.c.state == "offline", _OFFLINE), else_=func.coalesce(_heard(now), device.c.state))


def device_state(now: datetime) -> State:
    """Of a row of ``device``: online while one of its points is, offline where those that can tell all are."""
    heard = _heard(now)
    told = case((func.bool_or(heard == "online"), _ONLINE), (func.bool_or(heard == "offline"), _OFFLINE), else_=null())
    of_points = (
        select(told)
        .select_from(point)
        .join(equipment, equipment.c.id == point.c.equipment_id)
        .join(equipment_kind, equipment_kind.c.code == equipment.c.kind)
        .where(point.c.device_id == device.c.id)
        .correlate(device)
        .scalar_subquery()
    )
    return case((device.c.state == "offline", _OFFLINE), else_=func.coalesce(of_points, device.c.state))


def _heard(now: datetime) -> State:
    """By the point's own readings; NULL where nothing can be told."""
    missed = case((equipment_kind.c.life_safety, MISSED_LIFE_SAFETY), else_=MISSED)
    since = literal(now) - missed * point.c.report_period_s * literal(timedelta(seconds=1))
    of_point = reading.c.point_id == point.c.id
    supervised = point.c.report_period_s.is_not(None)
    silent = exists().where(
        rule_state.c.point_id == point.c.id,
        rule_state.c.phase == Phase.ACTIVE.value,
        rule.c.id == rule_state.c.rule_id,
        rule.c.definition["kind"].astext == "silence",
    )
    return case(
        (and_(supervised, exists().where(of_point, reading.c.at > since)), _ONLINE),
        (and_(supervised, exists().where(of_point)), _OFFLINE),
        (silent, _OFFLINE),
        else_=null(),
    )
