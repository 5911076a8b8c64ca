"""Transitions: what alarms went through in one transaction, carried out together, to the last notice.

Decided here is *whether* an alarm calls people (``Matter.quiet`` says why not); ``flows.announce`` decides whom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from facility_monitor.domain.alarm import annunciation, episode
from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent, Quiet, Step
from facility_monitor.domain.alarm.annunciation import CALLING
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.person import Person
from facility_monitor.domain.text import Text
from facility_monitor.flows.alarm import floods
from facility_monitor.flows.message.announce import Matter, announce
from facility_monitor.flows.repair import tickets
from facility_monitor.flows.repair.tickets import Fault
from facility_monitor.store import plant
from facility_monitor.store.alarm import alarms as kept
from facility_monitor.store.alarm import occurrences
from facility_monitor.store.alarm.occurrences import Occurrence
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence import ledger
from facility_monitor.store.evidence.ledger import Entry
from facility_monitor.store.fire import duties

_TICKET = frozenset({AlarmEvent.RAISED, AlarmEvent.RERAISED, AlarmEvent.ANNOUNCED})
"""Events at which a rule may open a ticket; the rules that stop a call stop it too, but for a flood."""


class Happened(NamedTuple):
    """One transition of one alarm, with all that has to be said about it. ``value`` is that of the causing reading,
    ``seen`` the same in words."""

    event: AlarmEvent
    alarm: Alarm
    rule: Rule
    occurred_at: datetime
    value: float
    seen: Text
    actor: Person | None = None
    reason: str | None = None

    @property
    def calls(self) -> bool:
        return self.event in CALLING and self.alarm.quiet in (None, Quiet.FLOOD)

    @property
    def opens_ticket(self) -> bool:
        return self.calls and self.event in _TICKET and self.rule.opens_ticket


class Transitions:
    """Collects steps of alarms and carries them out. Alarms that are not stored yet bear ids below zero."""

    def __init__(self) -> None:
        self._now: dict[int, Alarm] = {}
        self._happened: list[Happened] = []

    def __len__(self) -> int:
        return len(self._happened)

    def note(
        self,
        step: Step,
        rule: Rule,
        occurred_at: datetime,
        value: float | None = None,
        seen: Text | None = None,
        actor: Person | None = None,
        reason: str | None = None,
    ) -> None:
        """Something that an alarm of ``rule`` went through. ``value`` and ``seen`` are its own where no other reading
        caused it."""
        alarm, events = step
        for event in events:
            alarm = annunciation.told(alarm, event)
        self._now[alarm.id] = alarm
        value = alarm.value if value is None else value
        seen = seen or alarm.seen or rule.condition.sentence(value)
        self._happened += [Happened(event, alarm, rule, occurred_at, value, seen, actor, reason) for event in events]

    def alarm(self, number: int) -> Alarm:
        """An alarm as it stands after what was noted."""
        return self._now[number]

    def new_id(self) -> int:
        """An id for an alarm that is not stored yet."""
        return -1 - len(self._now)

    def carry_out(
        self, tx: Tx, now: datetime, more: Sequence[Entry] = (), of_floods: Sequence[floods.Swell] = ()
    ) -> int:
        """Store it all: alarms, occurrences, tickets, ledger (with ``more`` entries), notices (``of_floods`` too).

        Returns the number of transitions. The number of statements does not depend on it.
        """
        if not (self._happened or self._now or more or of_floods):
            return 0
        flooded = floods.watch(tx, self._calls_by_site(), now)
        self._amend({number: {"folded": True} for number in flooded.folded})
        opened = tickets.open_or_join(
            tx,
            {
                (each.alarm.equipment_id, each.rule.code): Fault(
                    each.rule.name, each.alarm.last_raised_at or each.occurred_at
                )
                for each in self._happened
                if each.opens_ticket
            },
            now,
        )
        self._amend(
            {
                each.alarm.id: {"ticket_id": opened.by_cause[each.alarm.equipment_id, each.rule.code]}
                for each in self._happened
                if each.opens_ticket
            }
        )
        self._store(tx, now)
        swell = [*of_floods, *floods.carry_out(tx, flooded, now)]
        self._tell(tx, [*opened.entries, *more], swell, now)
        return len(self._happened)

    def _calls_by_site(self) -> dict[int, list[Alarm]]:
        calls: dict[int, list[Alarm]] = {}
        for each in self._happened:
            if each.calls:
                calls.setdefault(each.alarm.site_id, []).append(each.alarm)
        return calls

    def _amend(self, changes: Mapping[int, Mapping[str, Any]]) -> None:
        """Change fields of alarms, by id, in what they are now and in each step that they took."""
        for number, fields in changes.items():
            self._now[number] = replace(self._now[number], **fields)
        self._happened = [
            each._replace(alarm=replace(each.alarm, **changes.get(each.alarm.id, {}))) for each in self._happened
        ]

    def _store(self, tx: Tx, now: datetime) -> None:
        added = [alarm for alarm in self._now.values() if alarm.id < 0]
        kept.save(tx, [alarm for alarm in self._now.values() if alarm.id >= 0])
        ids = dict(zip((alarm.id for alarm in added), kept.add(tx, added), strict=True))
        self._amend({before: {"id": given} for before, given in ids.items()})
        self._now = {alarm.id: alarm for alarm in self._now.values()}
        occurrences.save(tx, _occurrences(self._happened, now))
        if added:
            _group(tx, added)

    def _tell(self, tx: Tx, more: Sequence[Entry], swell: Sequence[floods.Swell], now: datetime) -> None:
        """Write the ledger, then queue the notices: in this order, since the ledger's lock is the last to take."""
        entries = [*(entry(each, now) for each in self._happened), *(each.entry for each in swell), *more]
        numbers = iter(ledger.append(tx, entries))
        places = plant.places(tx, {each.alarm.equipment_id for each in self._happened}) if self._happened else {}
        matters = [
            Matter(next(numbers), each.alarm.site_id, each.alarm.id, _notice(each, places), _why(each))
            for each in self._happened
        ]
        # a rule that only tries itself out is written down, and told to nobody
        matters = [matter for matter, each in zip(matters, self._happened, strict=True) if not each.alarm.shadow]
        matters += [Matter(next(numbers), each.entry.site_id, None, each.notice) for each in swell]
        announce(tx, matters, now)


def _why(happened: Happened) -> Quiet | None:
    return happened.alarm.quiet if happened.event in CALLING else None


def _occurrences(happened: Iterable[Happened], now: datetime) -> list[Occurrence]:
    found: dict[tuple[int, int], Occurrence] = {}
    for each in happened:
        alarm, key = each.alarm, (each.alarm.id, each.alarm.raise_count)
        known = found.get(key) or Occurrence(
            alarm.id, alarm.raise_count, alarm.site_id, alarm.last_raised_at or alarm.raised_at, alarm.value
        )
        if each.event in (AlarmEvent.RAISED, AlarmEvent.RERAISED):
            found[key] = known._replace(quiet=alarm.quiet, announced_at=now if each.calls else None)
        elif each.event is AlarmEvent.ANNOUNCED:
            found[key] = known._replace(announced_at=now)
        elif each.event is AlarmEvent.ACKNOWLEDGED:
            found[key] = known._replace(acknowledged_at=alarm.acknowledged_at)
        elif each.event is AlarmEvent.RETURNED:
            found[key] = known._replace(returned_at=alarm.returned_at, returned_value=each.value)
    return list(found.values())


def _group(tx: Tx, added: Sequence[Alarm]) -> None:
    """Find the episodes of alarms that are new."""
    since = min(alarm.raised_at for alarm in added) - episode.GAP
    near = kept.raised_since(tx, {alarm.equipment_id for alarm in added}, since)
    kept.save_episodes(tx, episode.grouped(near))


def entry(happened: Happened, now: datetime) -> Entry:
    """What the ledger keeps of it."""
    alarm, actor = happened.alarm, happened.actor
    return Entry(
        kind=happened.event,
        at=now,
        occurred_at=happened.occurred_at,
        site_id=alarm.site_id,
        equipment_id=alarm.equipment_id,
        alarm_id=alarm.id,
        ticket_id=alarm.ticket_id,
        actor_id=actor.id if actor else None,
        reason=happened.reason,
        body=_facts(happened),
    )


def _facts(happened: Happened) -> Mapping[str, Any]:
    alarm, rule, limit = happened.alarm, happened.rule, happened.alarm.limit
    return {
        "rule": rule.code,
        "rule_version": alarm.rule_version,
        "severity": alarm.severity,
        "point_id": alarm.point_id,
        "value": happened.value,
        "seen": happened.seen,
        "limit": limit["value"] if limit else None,
        "unit": limit["unit"] if limit else None,
        "raise_count": alarm.raise_count,
        "state": alarm.state,
        "quiet": alarm.quiet,
    }


def _notice(happened: Happened, places: Mapping[int, plant.Place]) -> Notice:
    alarm, rule = happened.alarm, happened.rule
    # at how many pieces a duty is open is no value over a limit: which duty, and where, is said in words
    limit = None if rule.scope.metric == duties.METRIC else alarm.limit
    return Notice(
        kind=happened.event,
        tag=f"alarm-{alarm.id}",
        severity=alarm.severity,
        life_safety=alarm.life_safety,
        title=rule.name,
        place=places[alarm.equipment_id].full,
        response=rule.response,
        path=f"/alarms/{alarm.id}",
        seen=happened.seen,
        value=happened.value if limit else None,
        limit=limit["value"] if limit else None,
        unit=limit["unit"] if limit else "",
    )
