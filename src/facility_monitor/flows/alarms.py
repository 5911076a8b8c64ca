"""Alarms: from the verdicts of the rules, and from what people do, to the ledger, the tickets and the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from facility_monitor.domain import alarm as alarms
from facility_monitor.domain.alarm import Alarm, AlarmEvent
from facility_monitor.domain.evaluator import Judgement as Judgement
from facility_monitor.domain.instant import moment
from facility_monitor.domain.judge import Change
from facility_monitor.domain.notice import Notice
from facility_monitor.domain.person import Person
from facility_monitor.domain.rule import Rule
from facility_monitor.errors import NotFound
from facility_monitor.flows import tickets
from facility_monitor.flows.announce import Matter, announce
from facility_monitor.store import alarms as kept
from facility_monitor.store import ledger, plant, rules
from facility_monitor.store.database import Tx
from facility_monitor.store.ledger import Entry


class Happened(NamedTuple):
    """One transition of one alarm, with all that has to be said about it."""

    event: AlarmEvent
    alarm: Alarm
    rule: Rule
    occurred_at: datetime
    actor: Person | None = None
    reason: str | None = None


def record(tx: Tx, judgements: Sequence[Judgement], now: datetime) -> int:
    """Carry out ``judgements`` in order: alarms, tickets, ledger, notices. Returns the number of transitions.

    The number of statements does not depend on the number of judgements.
    """
    if not judgements:
        return 0
    live = kept.lock_live(tx, list({(each.point.id, each.rule.id) for each in judgements}))
    board = _Board(live)
    for judgement in judgements:
        board.take(judgement)

    opened = tickets.open_or_join(
        tx,
        {(each.alarm.equipment_id, each.rule.code): each.rule.name for each in board.happened if _opens_ticket(each)},
        now,
    )
    board.join(opened.by_cause)
    ids = dict(zip((each.id for each in board.added()), kept.add(tx, board.added()), strict=True))
    kept.save(tx, board.changed())
    happened = [
        each._replace(alarm=replace(each.alarm, id=ids.get(each.alarm.id, each.alarm.id))) for each in board.happened
    ]
    _tell(tx, happened, opened.entries, now)
    return len(happened)


def acknowledge(tx: Tx, alarm_id: int, person: Person, comment: str | None, now: datetime) -> Alarm:
    """``person`` takes an alarm; one that is acknowledged already stays as it is. Raises NotFound."""
    found = kept.lock(tx, alarm_id)
    if found is None:
        raise NotFound(f"alarm {alarm_id}")
    taken, events = alarms.acknowledge(found, person.id, now)
    if events:
        kept.save(tx, [taken])
        rule = rules.version(tx, taken.rule_id, taken.rule_version)
        _tell(tx, [Happened(event, taken, rule, now, person, comment) for event in events], [], now)
    return taken


def withdraw(tx: Tx, rule: Rule, live: Sequence[Alarm], person: Person, reason: str, now: datetime) -> None:
    """End the active ones of ``live``, alarms of ``rule`` that no longer watches their points."""
    happened = []
    ended = []
    for alarm in live:
        returned, events = alarms.return_to_normal(alarm, now)
        ended += [returned] if events else []
        happened += [Happened(event, returned, rule, now, person, reason) for event in events]
    kept.save(tx, ended)
    _tell(tx, happened, [], now)


def _opens_ticket(happened: Happened) -> bool:
    return happened.rule.opens_ticket and happened.event in (AlarmEvent.RAISED, AlarmEvent.RERAISED)


class _Board:
    """The alarms of one batch as they move. New ones bear ids below zero until they are stored."""

    def __init__(self, live: Mapping[tuple[int, int], Alarm]) -> None:
        self._before = {alarm.id: alarm for alarm in live.values()}
        self._live = dict(live)
        self._now: dict[int, Alarm] = {}
        self.happened: list[Happened] = []

    def take(self, judgement: Judgement) -> None:
        rule, point, verdict = judgement
        key = (point.id, rule.id)
        at = moment(verdict.at)
        alarm = self._live.get(key)
        if verdict.change is Change.RAISED and alarm is None:
            alarm = _new(-1 - len(self._now), judgement, at)
            events: tuple[AlarmEvent, ...] = (AlarmEvent.RAISED,)
        elif alarm is None:
            return  # the alarm was ended by a change of the rule; the condition's end is no news
        elif verdict.change is Change.RAISED:
            alarm, events = alarms.raise_again(alarm, verdict.value)
        elif verdict.change is Change.REALARMED:
            return
        else:
            alarm, events = alarms.return_to_normal(alarm, at)
        if not events:
            return
        self._now[alarm.id] = alarm
        self.happened += [Happened(event, alarm, rule, at) for event in events]
        if alarm.cleared_at is None:
            self._live[key] = alarm
        else:
            del self._live[key]

    def join(self, by_cause: Mapping[tuple[int, str], int]) -> None:
        """Note the ticket that each alarm has opened or joined."""
        joined = {
            each.alarm.id: by_cause[each.alarm.equipment_id, each.rule.code]
            for each in self.happened
            if _opens_ticket(each)
        }
        for alarm_id, ticket_id in joined.items():
            self._now[alarm_id] = replace(self._now[alarm_id], ticket_id=ticket_id)
        self.happened = [
            each._replace(alarm=replace(each.alarm, ticket_id=joined.get(each.alarm.id, each.alarm.ticket_id)))
            for each in self.happened
        ]

    def added(self) -> list[Alarm]:
        return [alarm for alarm in self._now.values() if alarm.id < 0]

    def changed(self) -> list[Alarm]:
        return [alarm for alarm in self._now.values() if alarm.id >= 0]


def _new(number: int, judgement: Judgement, at: datetime) -> Alarm:
    rule, point, verdict = judgement
    return Alarm(
        id=number,
        site_id=point.site_id,
        equipment_id=point.equipment_id,
        point_id=point.id,
        rule_id=rule.id,
        rule_version=rule.version,
        severity=rule.severity,
        active=True,
        acknowledged=False,
        raised_at=at,
        raise_count=1,
        value=verdict.value,
    )


def _tell(tx: Tx, happened: Sequence[Happened], more: Sequence[Entry], now: datetime) -> None:
    """Write the ledger, then queue the notices: in this order, since the ledger's lock is the last to take."""
    if not happened:
        return
    places = plant.places(tx, {each.alarm.equipment_id for each in happened})
    numbers = ledger.append(tx, [*(_entry(each, now) for each in happened), *more])
    matters = [
        Matter(number, each.alarm.site_id, each.alarm.id, _notice(each, places[each.alarm.equipment_id]))
        for number, each in zip(numbers, happened, strict=False)
    ]
    announce(tx, matters, now)


def _entry(happened: Happened, now: datetime) -> Entry:
    event, alarm, rule, occurred_at, actor, reason = happened
    return Entry(
        kind=event,
        at=now,
        occurred_at=occurred_at,
        site_id=alarm.site_id,
        equipment_id=alarm.equipment_id,
        alarm_id=alarm.id,
        ticket_id=alarm.ticket_id,
        actor_id=actor.id if actor else None,
        reason=reason,
        body=_facts(alarm, rule),
    )


def _facts(alarm: Alarm, rule: Rule) -> dict[str, Any]:
    limit = rule.limit
    return {
        "rule": rule.code,
        "rule_version": alarm.rule_version,
        "severity": alarm.severity,
        "point_id": alarm.point_id,
        "value": alarm.value,
        "seen": rule.condition.sentence(alarm.value),
        "limit": limit.value if limit else None,
        "unit": limit.unit if limit else None,
        "raise_count": alarm.raise_count,
    }


def _notice(happened: Happened, place: plant.Place) -> Notice:
    alarm, rule, limit = happened.alarm, happened.rule, happened.rule.limit
    return Notice(
        kind=happened.event,
        tag=f"alarm-{alarm.id}",
        severity=alarm.severity,
        life_safety=rule.life_safety,
        title=rule.name,
        place=place.full,
        response=rule.response,
        path=f"/alarms/{alarm.id}",
        seen=rule.condition.sentence(alarm.value),
        value=alarm.value if limit else None,
        limit=limit.value if limit else None,
        unit=limit.unit if limit else "",
    )
