"""What keeps alarms quiet comes and goes by itself: the end of a shelving, a window, a gateway, a flood.

Everything that is due stands in rows; whoever looks carries it out, once, however late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from facility_monitor.domain.alarm import annunciation
from facility_monitor.domain.alarm import shelving as shelvings
from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent
from facility_monitor.domain.alarm.annunciation import Standing
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.shelving import Shelving, ShelvingEnd
from facility_monitor.flows.alarm import floods, windows
from facility_monitor.flows.alarm.transitions import Transitions
from facility_monitor.store.alarm import alarms as kept
from facility_monitor.store.alarm import quieting, rules
from facility_monitor.store.alarm import shelvings as put_away
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.ledger import Entry


def review(tx: Tx, now: datetime) -> int:
    """Let every live alarm follow what keeps it quiet at ``now``; end what is over. Returns the number of transitions.

    Reads a few rows where nothing is due, and locks only what moves.
    """
    live = kept.live(tx)
    standings = quieting.standings(tx, {_pair(alarm): alarm.life_safety for alarm in live}, now)
    moving = [alarm.id for alarm in live if annunciation.settle(alarm, standings[_pair(alarm)])[0] is not alarm]
    locked = kept.lock_many(tx, moving) if moving else []
    due = put_away.lock_due(tx, now)
    over = {each.id: shelvings.expire(each) for each in due}
    for shelving in over.values():
        put_away.save(tx, shelving)
    transitions = Transitions()
    told = _settle(tx, transitions, locked, standings, over, now)
    more = [_entry(each, now) for number, each in over.items() if number not in told]
    transitions.carry_out(tx, now, [*more, *windows.review(tx, now)], floods.review(tx, now))
    return len(transitions)


def _settle(
    tx: Tx,
    transitions: Transitions,
    locked: list[Alarm],
    standings: Mapping[quieting.Pair, Standing],
    over: Mapping[int, Shelving],
    now: datetime,
) -> set[int]:
    """Move ``locked``; returns the shelvings whose end is thereby told."""
    known: dict[tuple[int, int], Rule] = {}
    told = set()
    for alarm in locked:
        version = (alarm.rule_id, alarm.rule_version)
        rule = known.setdefault(version, known.get(version) or rules.version(tx, *version))
        expired = over.get(alarm.shelving_id or 0)
        step = annunciation.settle(alarm, standings[_pair(alarm)])
        if expired is None:
            transitions.note(step, rule, now)
        else:
            told.add(expired.id)
            transitions.note(step, rule, expired.expires_at, reason=expired.ended_how)
    return told


def _pair(alarm: Alarm) -> quieting.Pair:
    return alarm.point_id, alarm.rule_id


def _entry(shelving: Shelving, now: datetime) -> Entry:
    """The end of a shelving that no live alarm tells: the alarm had cleared, or nobody confirmed it."""
    lapsed = shelving.ended_how is ShelvingEnd.LAPSED
    return Entry(
        kind=AlarmEvent.UNSHELVED,
        at=now,
        occurred_at=shelving.expires_at,
        site_id=shelving.site_id,
        equipment_id=shelving.equipment_id,
        alarm_id=shelving.alarm_id,
        ticket_id=None,
        actor_id=None,
        reason="lapsed: nobody has confirmed it" if lapsed else ShelvingEnd.EXPIRED,
        body={"point_id": shelving.point_id, "shelving_id": shelving.id},
    )
