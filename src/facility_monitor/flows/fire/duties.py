"""A duty that was not done is an alarm: one of each duty at a site, whatever number of pieces and months it is of.

Here the calendar speaks instead of a sensor; from its verdict on it is an alarm like all others, raised, acknowledged
and cleared, which may be shelved and is called by the rule that watches the calendar's points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from facility_monitor.domain.alarm.alarm import Alarm
from facility_monitor.domain.alarm.attempt import Judgement
from facility_monitor.domain.alarm.judge import Change, Verdict
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.fire.upkeep import Plan, UpkeepEvent, lapsed
from facility_monitor.domain.instant import instant
from facility_monitor.domain.person import Person, Role
from facility_monitor.domain.text import LOCALES, Text, said
from facility_monitor.errors import Forbidden, InvalidInput
from facility_monitor.flows.alarm import alarms
from facility_monitor.flows.fire import duty_points
from facility_monitor.flows.fire.duty_points import Duty
from facility_monitor.flows.fire.upkeep import MISSED, standings
from facility_monitor.store.alarm import alarms as kept_alarms
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.fire import duties as kept
from facility_monitor.store.fire import upkeep
from facility_monitor.store.fire.duties import Turn
from facility_monitor.store.tables import site

NAMED = 3
"""So many pieces are named in an alarm's sentence; the calendar has them all."""


def review(tx: Tx, now: datetime) -> int:
    """Raise, tell again and end the alarms of duties, as the calendar stands ``now``; returns the transitions.

    It is told again where somebody has acknowledged it and one more piece has come to it since.
    """
    plans = {plan.code: plan for plan in upkeep.plans(tx)}
    open_now: dict[Duty, list[Turn]] = defaultdict(list)
    for site_id, turns in _open(tx, None, plans.values(), now).items():
        for turn in turns:
            open_now[site_id, turn.previous.plan].append(turn)
    points = duty_points.points(tx, open_now, now)
    judgements: list[Judgement] = []
    changed: list[Alarm] = []
    for rule in _rules(tx):
        watched = {
            duty: point for duty, point in points.items() if rule.scope.covers(point.id, point.site_id, kept.KIND)
        }
        live = kept_alarms.lock_live(tx, [(point.id, rule.id) for point in watched.values()])
        for duty, point in watched.items():
            turns, alarm = open_now.get(duty, []), live.get((point.id, rule.id))
            seen, count = _seen(plans[duty[1]], turns), float(len(turns))
            change = _change(rule, alarm, count, now)
            if change is not None:
                judgements.append(Judgement(rule, point, Verdict(change, instant(now), count), seen))
            elif alarm is not None and alarm.active and alarm.seen != seen:
                changed.append(replace(alarm, value=count, seen=seen, version=alarm.version + 1))
    kept_alarms.save(tx, changed)
    return alarms.record(tx, judgements, now)


def _rules(tx: Tx) -> list[Rule]:
    return [rule for rule in rules.enabled(tx) if rule.scope.metric == kept.METRIC]


def _change(rule: Rule, alarm: Alarm | None, count: float, now: datetime) -> Change | None:
    active = alarm is not None and alarm.active
    if not count:
        return Change.RETURNED if active else None
    if alarm is None or not active:
        return Change.RAISED
    if not alarm.acknowledged or alarm.acknowledged_at is None:
        return None
    again = rule.realarm is not None and instant(now) - instant(alarm.acknowledged_at) >= rule.realarm
    return Change.REALARMED if again or count > alarm.value else None


def _open(tx: Tx, site_id: int | None, plans: Collection[Plan], now: datetime) -> dict[int, list[Turn]]:
    """By site the duties that are open now, by plans that are in force there today: at one site, or at all."""
    asked = select(site.c.id, site.c.timezone)
    rows = tx.execute(asked if site_id is None else asked.where(site.c.id == site_id)).all()
    today = {row.id: now.astimezone(ZoneInfo(row.timezone)).date() for row in rows}
    known = {plan.code: plan for plan in plans}
    there = kept.turns(tx, today, {plan.code: plan.form for plan in plans})
    found: dict[int, list[Turn]] = {}
    for on in set(today.values()):
        turns = {
            number: [turn for turn in there[number] if known[turn.previous.plan].in_force(on)]
            for number, day in today.items()
            if day == on and number in there
        }
        pairs = [(turn.previous, turn.current) for of_site in turns.values() for turn in of_site]
        tasks = [task for pair in pairs for task in pair if task is not None]
        if not tasks:
            continue
        states = {task: each.state for task, each in zip(tasks, standings(tx, tasks, known, on), strict=True)}
        for number, of_site in turns.items():
            found[number] = [
                turn for turn in of_site if lapsed(states[turn.previous], turn.current and states[turn.current])
            ]
    return found


_SEEN = {
    "zh-CN": "{name}：{count} 处未按期完成（{pieces}），最早应于 {last} 前完成",
    "en": "{name}: not done at {count} ({pieces}), the first was due by {last}",
}


def _seen(plan: Plan, turns: Sequence[Turn]) -> Text:
    if not turns:
        return {"zh-CN": f"{said(plan.name, 'zh-CN')}：没有漏做的", "en": f"{said(plan.name, 'en')}: nothing is open"}
    codes = sorted(turn.code for turn in turns)
    pieces = ", ".join(codes[:NAMED]) + (", …" if len(codes) > NAMED else "")
    last = min(turn.previous.last for turn in turns).isoformat()
    return {
        locale: _SEEN[locale].format(name=said(plan.name, locale), count=len(turns), pieces=pieces, last=last)
        for locale in LOCALES
    }


class Open(NamedTuple):
    """A piece at which a duty is open: until when it should have been done, and the ticket for it, if one is open."""

    equipment_id: int
    code: str
    name: Text
    last: date
    ticket_id: int | None


def open_at(tx: Tx, site_id: int, plan: str, now: datetime) -> list[Open]:
    """Where a duty of a site is open now, the longest waiting first."""
    found = [turn for turn in _open(tx, site_id, upkeep.plans(tx), now).get(site_id, ()) if turn.previous.plan == plan]
    tickets = kept.open_tickets(tx, site_id, f"{MISSED}-{plan}")
    # where many missed it at once, the calendar's own ticket is that of all of them
    of_all = duty_points.points(tx, (), now).get((site_id, plan))
    shared = None if of_all is None else tickets.get(of_all.equipment_id)
    made = [
        Open(task.equipment_id, turn.code, turn.name, task.last, tickets.get(task.equipment_id, shared))
        for turn in found
        for task in (turn.previous,)
    ]
    return sorted(made, key=lambda each: (each.last, each.code))


def waive(
    tx: Tx, site_id: int, plan: str, equipment_ids: Collection[int] | None, reason: str, person: Person, now: datetime
) -> int:
    """Let what is open of a duty rest, at these pieces or all of the site: it stays missed, and calls nobody any more.

    Returns at how many pieces. Raises Forbidden for whoever is no manager; InvalidInput where nothing is open.
    """
    if person.role not in (Role.MANAGER, Role.ADMIN):
        raise Forbidden("a duty is waived by a manager")
    turns = _open(tx, site_id, upkeep.plans(tx), now).get(site_id, ())
    found = [turn for turn in turns if turn.previous.plan == plan]
    if equipment_ids is not None:
        others = set(equipment_ids) - {turn.previous.equipment_id for turn in found}
        if others:
            raise InvalidInput({"equipment_ids": f"nothing of this duty is open at {sorted(others)}"})
        found = [turn for turn in found if turn.previous.equipment_id in equipment_ids]
    if not found:
        raise InvalidInput({"plan": "nothing of this duty is open"})
    kept.waive(tx, [turn.previous for turn in found], person.id, reason, now)
    review(tx, now)
    ledger.append(tx, [_waived(site_id, turn, reason, person, now) for turn in found])
    return len(found)


def _waived(site_id: int, turn: Turn, reason: str, person: Person, now: datetime) -> Entry:
    task = turn.previous
    body = {"plan": task.plan, "first": task.first.isoformat(), "last": task.last.isoformat()}
    return Entry(UpkeepEvent.WAIVED, now, now, site_id, task.equipment_id, None, None, person.id, reason, body)
