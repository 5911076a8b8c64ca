"""What keeps alarms quiet comes and goes by itself: the end of a shelving, a window, a gateway, a flood.

Everything that is due stands in rows; whoever looks carries it out, once, however late.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from facility_monitor.domain.alarm import annunciation
from facility_monitor.domain.alarm import shelving as shelvings
from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent
from facility_monitor.domain.alarm.annunciation import Standing
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.shelving import Shelving, ShelvingEnd
from facility_monitor.flows.alarm import floods, windows
from facility_monitor.flows.alarm.transitions import Happened, Transitions, entry
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
    more = _ends(tx, [each for number, each in over.items() if number not in told], now)
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


def _ends(tx: Tx, over: Collection[Shelving], now: datetime) -> list[Entry]:
    """The ends of shelvings that no live alarm tells: the alarm had cleared, or nobody confirmed it."""
    of = kept.read(tx, {each.alarm_id for each in over}) if over else {}
    return [_entry(tx, each, of[each.alarm_id], now) for each in over]


def _entry(tx: Tx, shelving: Shelving, alarm: Alarm, now: datetime) -> Entry:
    rule = rules.version(tx, alarm.rule_id, alarm.rule_version)
    reason = "lapsed: nobody has confirmed it" if shelving.ended_how is ShelvingEnd.LAPSED else ShelvingEnd.EXPIRED
    seen = alarm.seen or rule.condition.sentence(alarm.value)
    ended = Happened(AlarmEvent.UNSHELVED, alarm, rule, shelving.expires_at, alarm.value, seen, reason=reason)
    return entry(ended, now)
