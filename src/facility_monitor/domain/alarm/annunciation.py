"""Whether an alarm calls people, and if not, why: what keeps it quiet begins and ends, and the alarm follows.

Only annunciation stops (calls, tickets): the alarm is evaluated and logged all the same. Life safety is kept quiet by
nothing that a design supposes: only by a shelving that two persons want, or a window that says so and was confirmed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from facility_monitor.domain.alarm.alarm import Alarm, AlarmEvent, Quiet, Step, Suppression


class Standing(NamedTuple):
    """What holds for a rule at a point just now."""

    shelving_id: int | None = None
    window_id: int | None = None
    suppressed_by: Suppression | None = None
    suppressor_id: int | None = None


AUDIBLE = Standing()
"""Nothing keeps it quiet."""

_AUDIBLE = (None, Quiet.FLOOD)

CALLING = frozenset({AlarmEvent.RAISED, AlarmEvent.RERAISED, AlarmEvent.REALARMED, AlarmEvent.ANNOUNCED})
"""The events for which people are called, unless the alarm is quiet."""


def quieted(alarm: Alarm, standing: Standing) -> Alarm:
    """``alarm`` under ``standing``, without a step: for one that is just being raised."""
    return replace(
        alarm,
        shelving_id=standing.shelving_id,
        window_id=standing.window_id,
        suppressed_by=None if alarm.life_safety else standing.suppressed_by,
        suppressor_id=None if alarm.life_safety else standing.suppressor_id,
    )


def settle(alarm: Alarm, standing: Standing) -> Step:
    """Let ``alarm`` follow what keeps it quiet, and what no longer does.

    When the last reason has ended while the condition still holds, it is announced, once: if nobody has
    acknowledged it, or if it waits for that (raised meanwhile, or shelved by somebody who wants to be reminded). But
    not where only the limit beyond its own has ended: people were called by that one, and what gets better is no news.
    """
    if alarm.cleared_at is not None:
        return alarm, ()
    after = quieted(alarm, standing)
    if after == alarm:
        return alarm, ()
    events = tuple(_changes(alarm, after))
    if AlarmEvent.SHELVED in events:
        after = replace(after, waiting=after.active)
    over = alarm.quiet not in _AUDIBLE and after.quiet in _AUDIBLE
    if over and alarm.quiet is Quiet.OUTRANKED:
        after = replace(after, waiting=False)
    elif over and after.active and (after.waiting or not after.acknowledged):
        after = replace(after, waiting=False, folded=False)
        events = (*events, AlarmEvent.ANNOUNCED)
    return replace(after, version=alarm.version + 1), events


def unshelved(alarm: Alarm) -> Alarm:
    """``alarm`` after its one-shot shelving has ended with its condition."""
    return replace(alarm, shelving_id=None)


def _changes(before: Alarm, after: Alarm) -> list[AlarmEvent]:
    found = []
    for name, begun, ended in (
        ("shelving_id", AlarmEvent.SHELVED, AlarmEvent.UNSHELVED),
        ("suppressed_by", AlarmEvent.SUPPRESSED, AlarmEvent.UNSUPPRESSED),
        ("window_id", AlarmEvent.TAKEN_OUT_OF_SERVICE, AlarmEvent.RETURNED_TO_SERVICE),
    ):
        was, now = getattr(before, name), getattr(after, name)
        if was is not None and now is None:
            found.append(ended)
        elif now is not None and was != now:
            found.append(begun)
    return found


def told(alarm: Alarm, event: AlarmEvent) -> Alarm:
    """``alarm`` after ``event`` was told or kept quiet: what is kept quiet waits, unless a flood's summary tells it."""
    if event not in CALLING or not alarm.active:
        return alarm
    waiting = alarm.quiet is not None and not alarm.folded
    return alarm if waiting == alarm.waiting else replace(alarm, waiting=waiting)
