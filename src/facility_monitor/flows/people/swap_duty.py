"""Swap duty: whoever has a shift asks a colleague; it changes hands when that one says yes, and not before."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.swap import Outcome, SwapEvent
from facility_monitor.domain.person import SCOPES, Person, Scope
from facility_monitor.domain.text import Text
from facility_monitor.errors import Conflict, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.flows.people import plan_duty
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.people import accounts, rotas, swaps

ROLES = frozenset(role for role, scopes in SCOPES.items() if Scope.ACKNOWLEDGE_ALARMS in scopes)
"""Whose duty makes sense: they may take an alarm."""


def stand_ins(tx: Tx, shift_id: int) -> list[dict[str, Any]]:
    """Who could take a shift."""
    return swaps.stand_ins(tx, rotas.lock_shift(tx, shift_id), ROLES)


def ask(tx: Tx, shift_id: int, who: Person, person_id: int, now: datetime) -> int:
    """``who`` asks ``person_id``, who is told, to take a shift; returns the request's id.

    Raises Forbidden where the shift is another's, InvalidInput for somebody who could not take it, Conflict where it is
    over or somebody was asked already.
    """
    shift = rotas.lock_shift(tx, shift_id)
    if shift.person_id != who.id:
        raise Forbidden("only whoever has the shift asks a colleague to take it")
    if shift.ends_at is not None and shift.ends_at <= now:
        raise Conflict("the shift is over")
    if person_id not in {each["id"] for each in swaps.stand_ins(tx, shift, ROLES)}:
        raise InvalidInput({"person_id": "is nobody who could take this shift"})
    if swaps.is_open(tx, shift_id):
        raise Conflict("somebody was asked already: take that back first")
    number = swaps.add(tx, shift_id, who.id, person_id, now)
    _tell(tx, SwapEvent.ASKED, _open(tx, number), who, person_id, now)
    return number


def accept(tx: Tx, swap_id: int, who: Person, now: datetime) -> int:
    """Whoever was asked takes what is left of the shift; returns its id. Raises Conflict where it is over."""
    standing = _asked(tx, swap_id, who)
    swaps.end(tx, standing.duty_id, Outcome.ACCEPTED, now)
    plan_duty.swap(tx, standing.duty_id, who.id, now)
    _tell(tx, SwapEvent.ACCEPTED, standing, who, standing.asked_by, now)
    return int(standing.duty_id)


def decline(tx: Tx, swap_id: int, who: Person, now: datetime) -> None:
    """Whoever was asked says no: the shift stays where it is."""
    standing = _asked(tx, swap_id, who)
    swaps.end(tx, standing.duty_id, Outcome.DECLINED, now)
    _tell(tx, SwapEvent.DECLINED, standing, who, standing.asked_by, now)


def withdraw(tx: Tx, swap_id: int, who: Person, now: datetime) -> None:
    """Whoever has asked takes it back."""
    standing = _open(tx, swap_id)
    if standing.asked_by != who.id:
        raise Forbidden("only whoever has asked takes it back")
    swaps.end(tx, standing.duty_id, Outcome.WITHDRAWN, now)
    ledger.append(tx, [_entry(SwapEvent.WITHDRAWN, standing, who, now)])


def _asked(tx: Tx, swap_id: int, who: Person) -> Row[Any]:
    standing = _open(tx, swap_id)
    if standing.person_id != who.id:
        raise Forbidden("only whoever was asked answers")
    return standing


def _open(tx: Tx, swap_id: int) -> Row[Any]:
    """A request that waits for its answer, with its shift locked. Raises NotFound, or Conflict for one that was decided
    in the meantime."""
    seen = swaps.open_one(tx, swap_id)
    if seen is None:
        raise NotFound(f"an open request {swap_id}")
    rotas.lock_shift(tx, seen.duty_id)
    standing = swaps.open_one(tx, swap_id)
    if standing is None:
        raise Conflict("it was decided a moment ago")
    return standing


def _entry(kind: SwapEvent, swap: Row[Any], who: Person, now: datetime) -> Entry:
    body = {"swap_id": swap.id, "duty_id": swap.duty_id, "asked_by": swap.asked_by, "person_id": swap.person_id}
    return Entry(kind, now, now, swap.site_id, None, None, None, who.id, None, body)


def _tell(tx: Tx, kind: SwapEvent, swap: Row[Any], who: Person, whom: int, now: datetime) -> None:
    (number,) = ledger.append(tx, [_entry(kind, swap, who, now)])
    account = accounts.by_id(tx, whom, now)
    notice = _notice(kind, swap, who.name, "" if account is None else account.person.name)
    announce(tx, [Matter(number, swap.site_id, None, notice, people=(whom,))], now)


def _notice(kind: SwapEvent, swap: Row[Any], who: str, whom: str) -> Notice:
    words: dict[SwapEvent, tuple[Text, Text]] = {
        SwapEvent.ASKED: (
            {"zh-CN": f"{who} 请 {whom} 代班", "en": f"{who} asks {whom} to take a shift"},
            {"zh-CN": "请在应用中接受或婉拒", "en": "accept or decline in the app"},
        ),
        SwapEvent.ACCEPTED: (
            {"zh-CN": f"{who} 已接下 {whom} 的班", "en": f"{who} takes the shift of {whom}"},
            {"zh-CN": "无需处理", "en": "there is nothing to do"},
        ),
        SwapEvent.DECLINED: (
            {"zh-CN": f"{who} 不能代 {whom} 的班", "en": f"{who} cannot take the shift of {whom}"},
            {"zh-CN": "班次不变，可另请他人", "en": "it stays as it was; ask somebody else"},
        ),
    }
    title, response = words[kind]
    return Notice(
        kind=kind,
        tag=f"duty-swap-{swap.id}",
        severity=Severity.MEDIUM,
        life_safety=False,
        title=title,
        place=swap.name,
        response=response,
        path="/duty",
        seen=_when(swap),
    )


def _when(swap: Row[Any]) -> Text:
    zone = ZoneInfo(swap.timezone)
    begins = f"{swap.starts_at.astimezone(zone):%m-%d %H:%M}"
    if swap.ends_at is None:
        return {"zh-CN": f"{begins} 起", "en": f"from {begins}"}
    ends = f"{swap.ends_at.astimezone(zone):%m-%d %H:%M}"
    return {"zh-CN": f"{begins} 至 {ends}", "en": f"{begins} to {ends}"}
