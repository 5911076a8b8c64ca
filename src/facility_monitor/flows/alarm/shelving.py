"""Shelving: people put alarms away for a while and take them back; of life safety only two of them together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from facility_monitor.domain.alarm import annunciation
from facility_monitor.domain.alarm import shelving as shelvings
from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent, Step
from facility_monitor.domain.alarm.shelving import Shelving, ShelvingKind
from facility_monitor.domain.person import Person
from facility_monitor.errors import Conflict, InvalidInput, NotFound
from facility_monitor.flows.alarm.transitions import Transitions
from facility_monitor.store.alarm import alarms as kept
from facility_monitor.store.alarm import quieting, rules
from facility_monitor.store.alarm import shelvings as put_away
from facility_monitor.store.database import Tx


def shelve(
    tx: Tx, alarm_id: int, kind: ShelvingKind, until: datetime | None, reason: str, person: Person, now: datetime
) -> Alarm:
    """Put an alarm away until ``until``, or as long as it may be; of life safety this only asks for it.

    Asking again for the same changes nothing. Raises NotFound; InvalidInput where ``until`` is missing, over, or too
    far; Conflict where the alarm is cleared or put away already.
    """
    alarm, standing = _locked(tx, alarm_id)
    if standing is not None:
        if _same(standing, kind, until, reason, person):
            return alarm
        by = "is shelved" if standing.in_force else "waits for a second person to confirm that it is shelved"
        raise Conflict(f"alarm {alarm_id} {by} until {standing.expires_at.isoformat()}: unshelve it first")
    if alarm.cleared_at is not None:
        raise Conflict(f"alarm {alarm_id} is cleared: there is nothing to shelve")
    new = Shelving(
        id=0,
        site_id=alarm.site_id,
        equipment_id=alarm.equipment_id,
        point_id=alarm.point_id,
        rule_id=alarm.rule_id,
        alarm_id=alarm.id,
        kind=kind,
        reason=reason,
        requested_by=person.id,
        requested_at=now,
        expires_at=_end(kind, until, alarm.life_safety, now),
        life_safety=alarm.life_safety,
    )
    put_away.add(tx, new)
    if alarm.life_safety:
        return _carry_out(tx, (alarm, (AlarmEvent.SHELVING_REQUESTED,)), person, reason, now)
    return _follow(tx, alarm, person, reason, now)


def confirm(tx: Tx, alarm_id: int, person: Person, now: datetime) -> Alarm:
    """A second person confirms that an alarm of life safety is shelved; doing so twice changes nothing.

    Raises NotFound; Conflict where nobody has asked for it, somebody else has confirmed it, or it was the same person.
    """
    alarm, standing = _locked(tx, alarm_id)
    if standing is None:
        raise Conflict(f"nobody has asked to shelve alarm {alarm_id}")
    if standing.in_force and standing.confirmed_by == person.id:
        return alarm
    confirmed = shelvings.confirm(standing, person.id, now)
    if confirmed is None:
        why = "it is shelved already" if standing.in_force else "who asked for it cannot confirm it"
        raise Conflict(f"alarm {alarm_id} needs no confirmation by you: {why}")
    put_away.save(tx, confirmed)
    return _follow(tx, alarm, person, standing.reason, now)


def unshelve(tx: Tx, alarm_id: int, person: Person, reason: str | None, now: datetime) -> Alarm:
    """Take an alarm back, or the request to shelve it; one that is not shelved stays as it is. Raises NotFound.

    What nobody has acknowledged is announced; who has acknowledged it need not be reminded by their own doing.
    """
    alarm, standing = _locked(tx, alarm_id)
    if standing is None:
        return alarm
    put_away.save(tx, shelvings.unshelve(standing, person.id, now))
    if not standing.in_force:
        return _carry_out(tx, (alarm, (AlarmEvent.UNSHELVED,)), person, reason, now)
    return _follow(tx, replace(alarm, waiting=alarm.waiting and not alarm.acknowledged), person, reason, now)


def _locked(tx: Tx, alarm_id: int) -> tuple[Alarm, Shelving | None]:
    alarm = kept.lock(tx, alarm_id)
    if alarm is None:
        raise NotFound(f"alarm {alarm_id}")
    return alarm, put_away.lock_open(tx, alarm.point_id, alarm.rule_id)


def _same(standing: Shelving, kind: ShelvingKind, until: datetime | None, reason: str, person: Person) -> bool:
    asked = (standing.kind, standing.reason, standing.requested_by)
    return asked == (kind, reason, person.id) and until in (None, standing.expires_at)


def _end(kind: ShelvingKind, until: datetime | None, life_safety: bool, now: datetime) -> datetime:
    longest = shelvings.longest(life_safety)
    if until is None:
        if kind is ShelvingKind.TIMED:
            raise InvalidInput({"until": "say until when"})
        return now + longest
    if until <= now:
        raise InvalidInput({"until": "must lie in the future"})
    if until - now > longest:
        raise InvalidInput({"until": f"at most {longest // timedelta(hours=1)} h from now"})
    return until


def _follow(tx: Tx, alarm: Alarm, person: Person, reason: str | None, now: datetime) -> Alarm:
    pair = (alarm.point_id, alarm.rule_id)
    standing = quieting.standings(tx, {pair: alarm.life_safety}, now)[pair]
    return _carry_out(tx, annunciation.settle(alarm, standing), person, reason, now)


def _carry_out(tx: Tx, step: Step, person: Person, reason: str | None, now: datetime) -> Alarm:
    alarm, _ = step
    transitions = Transitions()
    rule = rules.version(tx, alarm.rule_id, alarm.rule_version)
    transitions.note(step, rule, now, actor=person, reason=reason)
    transitions.carry_out(tx, now)
    return alarm
