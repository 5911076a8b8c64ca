"""What keeps an alarm quiet, and what happens when it no longer does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from facility_monitor.domain.alarm.alarm import (
    Alarm,
    AlarmEvent,
    Quiet,
    Suppression,
    acknowledge,
    raise_again,
    return_to_normal,
)
from facility_monitor.domain.alarm.annunciation import AUDIBLE, Standing, quieted, settle, told
from facility_monitor.domain.alarm.rule import Severity

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RAISED = Alarm(
    1, 1, 1, 1, 1, 1, Severity.HIGH, active=True, acknowledged=False, raised_at=NOW, raise_count=1, value=9.0
)
SHELVED = Standing(shelving_id=4)
DOWN = Standing(suppressed_by=Suppression.PARENT_DOWN, suppressor_id=2)
TESTED = Standing(window_id=3)


@pytest.mark.parametrize(
    ("standing", "quiet", "begun", "ended"),
    [
        (SHELVED, Quiet.SHELVED, AlarmEvent.SHELVED, AlarmEvent.UNSHELVED),
        (DOWN, Quiet.PARENT_DOWN, AlarmEvent.SUPPRESSED, AlarmEvent.UNSUPPRESSED),
        (TESTED, Quiet.OUT_OF_SERVICE, AlarmEvent.TAKEN_OUT_OF_SERVICE, AlarmEvent.RETURNED_TO_SERVICE),
    ],
)
def test_when_the_reason_ends_while_the_condition_holds_it_is_announced_once(
    standing: Standing, quiet: Quiet, begun: AlarmEvent, ended: AlarmEvent
) -> None:
    kept, events = settle(RAISED, standing)
    assert (kept.quiet, kept.state, events) == (quiet, RAISED.state, (begun,))
    assert settle(kept, standing) == (kept, ())
    heard, events = settle(kept, AUDIBLE)
    assert (heard.quiet, events) == (None, (ended, AlarmEvent.ANNOUNCED))
    assert settle(heard, AUDIBLE) == (heard, ())


def test_it_is_announced_only_when_the_last_reason_has_ended() -> None:
    kept, events = settle(RAISED, Standing(4, 3, Suppression.POWER_OFF, 7))
    assert events == (AlarmEvent.SHELVED, AlarmEvent.SUPPRESSED, AlarmEvent.TAKEN_OUT_OF_SERVICE)
    assert kept.quiet is Quiet.OUT_OF_SERVICE
    kept, events = settle(kept, Standing(None, None, Suppression.POWER_OFF, 7))
    assert (kept.quiet, events) == (Quiet.POWER_OFF, (AlarmEvent.UNSHELVED, AlarmEvent.RETURNED_TO_SERVICE))
    assert settle(kept, AUDIBLE)[1] == (AlarmEvent.UNSUPPRESSED, AlarmEvent.ANNOUNCED)


def test_what_ended_meanwhile_is_not_announced() -> None:
    kept, _ = settle(RAISED, DOWN)
    over, _ = return_to_normal(kept, NOW)
    assert settle(over, AUDIBLE)[1] == (AlarmEvent.UNSUPPRESSED,)


def test_what_somebody_took_meanwhile_is_not_announced() -> None:
    kept, _ = settle(RAISED, SHELVED)
    taken, _ = acknowledge(kept, 5, NOW)
    assert settle(taken, AUDIBLE)[1] == (AlarmEvent.UNSHELVED,)


def test_who_shelves_what_they_have_taken_is_reminded_and_no_gateway_reminds() -> None:
    taken, _ = acknowledge(RAISED, 5, NOW)
    assert settle(settle(taken, SHELVED)[0], AUDIBLE)[1] == (AlarmEvent.UNSHELVED, AlarmEvent.ANNOUNCED)
    assert settle(settle(taken, DOWN)[0], AUDIBLE)[1] == (AlarmEvent.UNSUPPRESSED,)


def test_what_is_raised_again_while_shelved_waits_for_the_end() -> None:
    kept, _ = settle(RAISED, SHELVED)
    again, events = raise_again(return_to_normal(kept, NOW)[0], 12.0, NOW)
    again = told(again, events[0])
    assert (again.waiting, again.quiet) == (True, Quiet.SHELVED)
    assert settle(again, AUDIBLE)[1] == (AlarmEvent.UNSHELVED, AlarmEvent.ANNOUNCED)


def test_life_safety_is_suppressed_by_no_design() -> None:
    smoke = replace(RAISED, life_safety=True)
    assert settle(smoke, DOWN) == (smoke, ())
    assert quieted(smoke, DOWN).quiet is None
    assert settle(smoke, SHELVED)[0].quiet is Quiet.SHELVED


def test_an_alarm_folded_into_a_flood_is_announced_when_its_shelving_ends() -> None:
    folded = replace(RAISED, folded=True)
    assert folded.quiet is Quiet.FLOOD
    heard, events = settle(settle(folded, SHELVED)[0], AUDIBLE)
    assert (heard.quiet, events) == (None, (AlarmEvent.UNSHELVED, AlarmEvent.ANNOUNCED))


def test_a_shadow_is_never_announced() -> None:
    shadow, _ = settle(replace(RAISED, shadow=True), SHELVED)
    assert settle(shadow, AUDIBLE)[1] == (AlarmEvent.UNSHELVED,)
