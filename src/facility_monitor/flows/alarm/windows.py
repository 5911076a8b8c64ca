"""Windows out of service: scheduled, confirmed, changed, and begun and ended by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from facility_monitor.domain.alarm.service_window import WindowEvent, wrong_fields
from facility_monitor.domain.person import Person
from facility_monitor.errors import Conflict, InvalidInput
from facility_monitor.store import versioned
from facility_monitor.store.alarm import windows as kept
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.tables import service_window

Window = Mapping[str, Any]
"""A row of ``service_window``."""


def schedule(tx: Tx, values: Window, person: Person, now: datetime) -> int:
    """Add a window by ``person``; returns its id. Raises InvalidInput."""
    _check(values, now)
    elsewhere = kept.elsewhere(tx, values["site_id"], values["space_id"], values["equipment_id"])
    if elsewhere:
        raise InvalidInput(dict.fromkeys(elsewhere, "is at another site"))
    number = versioned.add(tx, service_window, {**values, "author_id": person.id, "created_at": now})
    ledger.append(tx, [_entry(WindowEvent.SCHEDULED, {**values, "id": number}, person, now)])
    return number


def confirm(tx: Tx, number: int, version: int, person: Person, now: datetime) -> None:
    """A second person confirms that life safety is meant; doing so twice changes nothing.

    Raises NotFound, Stale, and Conflict where there is nothing to confirm or it was the author.
    """
    window = versioned.lock(tx, service_window, number, version)
    if not window["life_safety"]:
        raise Conflict(f"window {number} leaves life safety alone: there is nothing to confirm")
    if window["confirmed_by"] == person.id:
        return
    if window["confirmed_by"] is not None or window["author_id"] == person.id:
        raise Conflict(f"window {number} was confirmed, or is your own: a second person confirms it, once")
    if window["ended_at"] is not None or window["ends_at"] <= now:
        raise Conflict(f"window {number} has ended")
    versioned.change(tx, service_window, number, version, {"confirmed_by": person.id, "confirmed_at": now})
    ledger.append(tx, [_entry(WindowEvent.CONFIRMED, window, person, now)])


def change(tx: Tx, number: int, version: int, changes: Window, person: Person, now: datetime) -> None:
    """Change its end or reason; an end that is over by now ends it now. Raises NotFound, Stale, Conflict, InvalidInput.

    A later end of a window that means life safety has to be confirmed anew.
    """
    window = versioned.lock(tx, service_window, number, version)
    if window["ended_at"] is not None or window["ends_at"] <= now:
        raise Conflict(f"window {number} has ended")
    ends_at = changes.get("ends_at", window["ends_at"])
    if ends_at <= now and window["starts_at"] < now:
        changes = {**changes, "ends_at": now}
    else:
        _check({**window, **changes}, now)
    if ends_at > window["ends_at"]:
        changes = {**changes, "confirmed_by": None, "confirmed_at": None}
    versioned.change(tx, service_window, number, version, changes)
    ledger.append(tx, [_entry(WindowEvent.CHANGED, {**window, **changes}, person, now)])


def cancel(tx: Tx, number: int, version: int, person: Person, now: datetime) -> None:
    """Take back a window that has not begun. Raises NotFound, Stale, Conflict."""
    window = versioned.lock(tx, service_window, number, version)
    if window["starts_at"] <= now:
        raise Conflict(f"window {number} has begun: let it end instead")
    versioned.remove(tx, service_window, number, version)
    ledger.append(tx, [_entry(WindowEvent.CANCELLED, window, person, now)])


def review(tx: Tx, now: datetime) -> list[Entry]:
    """Carry out the beginnings and ends that are due, each once; returns what the ledger has to say of them."""
    begun, ended = kept.begin(tx, now), kept.end(tx, now)
    return [
        *(_entry(WindowEvent.BEGUN, each, None, now, each["starts_at"]) for each in begun),
        *(_entry(WindowEvent.ENDED, each, None, now, each["ends_at"]) for each in ended),
    ]


def _check(values: Window, now: datetime) -> None:
    wrong = wrong_fields(
        starts_at=values["starts_at"],
        ends_at=values["ends_at"],
        life_safety=values["life_safety"],
        substitute=values["substitute"],
        narrowed=any(values[name] is not None for name in ("space_id", "equipment_kind", "equipment_id")),
        now=now,
    )
    if wrong:
        raise InvalidInput(wrong)


def _entry(
    event: WindowEvent, window: Window, person: Person | None, now: datetime, occurred_at: datetime | None = None
) -> Entry:
    body = {name: window[name] for name in ("space_id", "equipment_kind", "purpose", "life_safety", "substitute")}
    times = {name: window[name].isoformat() for name in ("starts_at", "ends_at")}
    return Entry(
        kind=event,
        at=now,
        occurred_at=occurred_at or now,
        site_id=window["site_id"],
        equipment_id=window["equipment_id"],
        alarm_id=None,
        ticket_id=None,
        actor_id=person.id if person else None,
        reason=window["reason"],
        body={"window_id": window["id"], **body, **times},
    )
