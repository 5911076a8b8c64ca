"""Rows that tests of telling people need: sites, people, duty, channels, ledger entries, messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Table, insert

from facility_monitor.domain.alarm.alarm import AlarmEvent
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.signature import secret
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.message import outbox
from facility_monitor.store.message.outbox import Draft
from facility_monitor.store.tables import channel, duty, person, site, site_access

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECRET = secret(bytes(range(32)))

_number = count(1)


def _insert(tx: Tx, table: Table, **columns: Any) -> int:
    made: int = tx.execute(insert(table).values(columns).returning(table.c.id)).scalar_one()
    return made


def new_site(tx: Tx) -> int:
    number = next(_number)
    return _insert(tx, site, code=f"site-{number}", name={"en": f"Site {number}"}, timezone="Asia/Shanghai")


def new_person(
    tx: Tx, role: str = "engineer", *, sees: int | None = None, disabled: bool = False, **columns: Any
) -> int:
    """``sees`` is a site that the person may see."""
    name = f"p{next(_number)}"
    defaults = {"username": name, "name": name, "role": role, "password_hash": "", "locale": "en"}
    made = _insert(tx, person, **(defaults | columns), disabled=disabled)
    if sees is not None:
        tx.execute(insert(site_access).values(person_id=made, site_id=sees))
    return made


def new_duty(
    tx: Tx,
    site_id: int,
    person_id: int,
    starts_at: datetime = NOW - timedelta(hours=1),
    ends_at: datetime | None = None,
) -> None:
    _insert(tx, duty, site_id=site_id, person_id=person_id, starts_at=starts_at, ends_at=ends_at)


def new_channel(
    tx: Tx, person_id: int | None = None, *, site_id: int | None = None, kind: str = "console", **columns: Any
) -> int:
    defaults = {"address": "terminal", "secret": SECRET, "enabled": True}
    return _insert(tx, channel, person_id=person_id, site_id=site_id, kind=kind, **(defaults | columns))


def new_entry(tx: Tx, site_id: int, now: datetime = NOW) -> int:
    """A ledger entry."""
    entry = ledger.Entry(AlarmEvent.RAISED, now, now, site_id, None, None, None, None, None, {})
    (made,) = ledger.append(tx, [entry])
    return made


def a_notice(kind: str = AlarmEvent.RAISED, severity: str = "high", *, life_safety: bool = False) -> Notice:
    return Notice(
        kind=kind,
        tag="alarm-7",
        severity=severity,
        life_safety=life_safety,
        title={"zh-CN": "湿度过高", "en": "Humidity too high"},
        place={"zh-CN": "翡翠花园 / 1 号配电房", "en": "Jade Garden / Distribution room 1"},
        response={"zh-CN": "检查除湿机", "en": "Check the dehumidifier"},
        path="/alarms/7",
        value=87.4,
        limit=80.0,
        unit="%RH",
    )


def new_message(
    tx: Tx, channel_id: int, now: datetime = NOW, *, urgency: int = 2, person_id: int | None = None, **notice: Any
) -> int:
    """A message in the outbox that no ledger entry caused; returns its id."""
    body = a_notice().as_json() | notice
    (made,) = outbox.add(tx, [Draft(None, None, person_id, channel_id, urgency, body)], now)
    return made
