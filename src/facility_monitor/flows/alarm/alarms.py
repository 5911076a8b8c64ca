"""Alarms: from the verdicts of the rules, and from what people do, to the ledger, the tickets and the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from facility_monitor.domain.alarm import alarm as alarms
from facility_monitor.domain.alarm import annunciation
from facility_monitor.domain.alarm import shelving as shelvings
from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent
from facility_monitor.domain.alarm.annunciation import AUDIBLE, Standing
from facility_monitor.domain.alarm.attempt import Judgement as Judgement
from facility_monitor.domain.alarm.judge import Change
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.shelving import Shelving
from facility_monitor.domain.instant import Instant, moment
from facility_monitor.domain.person import Person
from facility_monitor.errors import Conflict, NotFound
from facility_monitor.flows.alarm.transitions import Transitions
from facility_monitor.store.alarm import alarms as kept
from facility_monitor.store.alarm import quieting, rules
from facility_monitor.store.alarm import shelvings as put_away
from facility_monitor.store.database import Tx


def record(tx: Tx, judgements: Sequence[Judgement], now: datetime) -> int:
    """Carry out ``judgements`` in order: alarms, tickets, ledger, notices. Returns the number of transitions.

    The number of statements does not depend on the number of judgements.
    """
    if not judgements:
        return 0
    live = kept.lock_live(tx, list({(each.point.id, each.rule.id) for each in judgements}))
    calling = [each for each in judgements if each.verdict.change is not Change.RETURNED]
    standings = quieting.standings(tx, {(each.point.id, each.rule.id): each.rule.life_safety for each in calling}, now)
    one_shot = put_away.lock_many(tx, {alarm.shelving_id for alarm in live.values() if alarm.shelving_id is not None})
    board = _Board(live, standings, one_shot)
    for judgement in judgements:
        board.take(judgement)
    for shelving in board.ended:
        put_away.save(tx, shelving)
    return board.transitions.carry_out(tx, now)


def acknowledge(
    tx: Tx, alarm_id: int, person: Person, comment: str | None, now: datetime, acted_at: datetime | None = None
) -> Alarm:
    """``person`` takes an alarm; one that is acknowledged already stays as it is.

    ``acted_at``: when that was done, where no network let it arrive before ``now``. The ledger has both; the alarm is
    quiet, and times are counted, from the arrival, since nobody proves a phone's clock. Raises NotFound, and Conflict
    where the alarm has come again since: that call nobody has heard yet.
    """
    found = _locked(tx, alarm_id)
    if acted_at is not None and not found.acknowledged and kept.called_since(tx, alarm_id, acted_at):
        raise Conflict(f"alarm {alarm_id} has come again since {acted_at.isoformat()}: look at it once more")
    done_at = now if acted_at is None else min(acted_at, now)
    return _step(tx, found, alarms.acknowledge(found, person.id, now), person, comment, now, done_at)


def reset(tx: Tx, alarm_id: int, person: Person, reason: str, now: datetime) -> Alarm:
    """``person`` has looked at the place and resets a latched alarm; one that is cleared already stays as it is.

    Raises NotFound, and Conflict where its condition holds, nobody has acknowledged it, or it needs no reset.
    """
    found = _locked(tx, alarm_id)
    if found.cleared_at is not None and found.reset_at is not None:
        return found
    if not alarms.may_be_reset(found):
        raise Conflict(f"alarm {alarm_id} is {found.state}: {_WHY_NO_RESET[found.state]}")
    return _step(tx, found, alarms.reset(found, person.id, now), person, reason, now)


_WHY_NO_RESET = {
    alarms.AlarmState.ACTIVE_UNACKNOWLEDGED: "its condition still holds",
    alarms.AlarmState.ACTIVE_ACKNOWLEDGED: "its condition still holds",
    alarms.AlarmState.RETURNED_UNACKNOWLEDGED: "acknowledge it first",
    alarms.AlarmState.CLEARED: "it needs no reset",
}


def withdraw(tx: Tx, rule: Rule, live: Sequence[Alarm], person: Person, reason: str, now: datetime) -> None:
    """End the active ones of ``live``, alarms of ``rule`` that no longer watches their points."""
    transitions = Transitions()
    for alarm in live:
        transitions.note(alarms.return_to_normal(alarm, now), rule, now, actor=person, reason=reason)
    transitions.carry_out(tx, now)


def _locked(tx: Tx, alarm_id: int) -> Alarm:
    found = kept.lock(tx, alarm_id)
    if found is None:
        raise NotFound(f"alarm {alarm_id}")
    return found


def _step(
    tx: Tx,
    before: Alarm,
    step: alarms.Step,
    person: Person,
    reason: str | None,
    now: datetime,
    done_at: datetime | None = None,
) -> Alarm:
    after, events = step
    if events:
        transitions = Transitions()
        rule = rules.version(tx, before.rule_id, before.rule_version)
        transitions.note(step, rule, done_at or now, actor=person, reason=reason)
        transitions.carry_out(tx, now)
    return after


class _Board:
    """The alarms of one batch as they move."""

    def __init__(
        self,
        live: Mapping[tuple[int, int], Alarm],
        standings: Mapping[tuple[int, int], Standing],
        shelvings: Sequence[Shelving],
    ) -> None:
        self._live = dict(live)
        self._standings = standings
        self._shelvings = {each.id: each for each in shelvings}
        self.transitions = Transitions()
        self.ended: list[Shelving] = []

    def take(self, judgement: Judgement) -> None:
        rule, point, verdict, seen = judgement
        key = (point.id, rule.id)
        at = moment(verdict.at)
        alarm = self._live.get(key)
        if verdict.change is Change.RETURNED:
            if alarm is None:
                return  # the alarm was ended by a change of the rule; the condition's end is no news
            step = self._unshelved(alarms.return_to_normal(alarm, at))
        else:
            standing = self._standing(key)
            if alarm is None:
                if verdict.change is not Change.RAISED:
                    return
                new = _new(self.transitions.new_id(), judgement)
                step = annunciation.quieted(new, standing), (AlarmEvent.RAISED,)
            else:
                alarm, changes = annunciation.settle(alarm, standing)
                if verdict.change is Change.RAISED:
                    after, events = alarms.raise_again(alarm, verdict.value, at)
                else:
                    after, events = alarms.realarm(alarm, verdict.value)
                step = after, (*changes, *events)
        after, events = step
        if not events:
            return
        if after.active:
            after = replace(after, seen=seen, limit=_limit(rule, verdict.at))
        self.transitions.note((after, events), rule, at, verdict.value, seen)
        if after.cleared_at is None:
            self._live[key] = self.transitions.alarm(after.id)
        else:
            del self._live[key]

    def _standing(self, key: tuple[int, int]) -> Standing:
        standing = self._standings.get(key, AUDIBLE)
        over = {each.id for each in self.ended}
        return standing._replace(shelving_id=None) if standing.shelving_id in over else standing

    def _unshelved(self, step: alarms.Step) -> alarms.Step:
        """A one-shot shelving ends with the condition."""
        alarm, events = step
        shelving = self._shelvings.get(alarm.shelving_id or 0)
        if not events or shelving is None or alarm.returned_at is None:
            return step
        ended = shelvings.condition_ended(shelving, alarm.returned_at)
        if ended is None:
            return step
        self.ended.append(ended)
        return annunciation.unshelved(alarm), (AlarmEvent.RETURNED, AlarmEvent.UNSHELVED, *events[1:])


def _limit(rule: Rule, at: Instant) -> dict[str, Any] | None:
    """By which limit on the value itself ``rule`` judged at that instant."""
    limit, basis = rule.limit_at(at), rule.basis_at(at)
    if limit is None:
        return None
    same = {"level": limit.level.value, "value": limit.value, "unit": limit.unit, "deadband": limit.deadband}
    return {**same, "basis": None if basis is None else asdict(basis)}


def _new(number: int, judgement: Judgement) -> Alarm:
    rule, point, verdict, _ = judgement
    at = moment(verdict.at)
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
        life_safety=rule.life_safety,
        latched=(rule.latched or rule.life_safety) and not rule.shadow,
        shadow=rule.shadow,
        last_raised_at=at,
    )
