"""The life of an alarm: every state and every verb."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from facility_monitor.domain.alarm.alarm import (
    Alarm,
    AlarmEvent,
    AlarmState,
    acknowledge,
    may_be_reset,
    raise_again,
    realarm,
    reset,
    return_to_normal,
)
from facility_monitor.domain.alarm.rule import Severity

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RAISED = Alarm(
    1, 1, 1, 1, 1, 1, Severity.HIGH, active=True, acknowledged=False, raised_at=NOW, raise_count=1, value=9.0
)
ACKNOWLEDGED = replace(RAISED, acknowledged=True, acknowledged_at=NOW, acknowledged_by=5)
RETURNED = replace(RAISED, active=False, returned_at=NOW)
CLEARED = replace(ACKNOWLEDGED, active=False, returned_at=NOW, cleared_at=NOW)


@pytest.mark.parametrize(
    ("alarm", "state"),
    [
        (RAISED, AlarmState.ACTIVE_UNACKNOWLEDGED),
        (ACKNOWLEDGED, AlarmState.ACTIVE_ACKNOWLEDGED),
        (RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED),
        (CLEARED, AlarmState.CLEARED),
    ],
)
def test_the_bits_make_the_state(alarm: Alarm, state: AlarmState) -> None:
    assert alarm.state is state


def test_acknowledging_an_active_alarm_leaves_it_active() -> None:
    taken, events = acknowledge(RAISED, 5, NOW)
    assert (taken.state, taken.acknowledged_by, events) == (
        AlarmState.ACTIVE_ACKNOWLEDGED,
        5,
        (AlarmEvent.ACKNOWLEDGED,),
    )
    assert taken.cleared_at is None


def test_acknowledging_what_has_returned_clears_it() -> None:
    taken, events = acknowledge(RETURNED, 5, NOW)
    assert (taken.state, taken.cleared_at) == (AlarmState.CLEARED, NOW)
    assert events == (AlarmEvent.ACKNOWLEDGED, AlarmEvent.CLEARED)


def test_returning_unacknowledged_stays_visible() -> None:
    returned, events = return_to_normal(RAISED, NOW)
    assert (returned.state, returned.returned_at) == (AlarmState.RETURNED_UNACKNOWLEDGED, NOW)
    assert (returned.cleared_at, events) == (None, (AlarmEvent.RETURNED,))


def test_returning_after_acknowledgement_clears() -> None:
    cleared, events = return_to_normal(ACKNOWLEDGED, NOW)
    assert (cleared.state, events) == (AlarmState.CLEARED, (AlarmEvent.RETURNED, AlarmEvent.CLEARED))


def test_a_latched_alarm_stays_until_somebody_resets_it() -> None:
    latched = replace(ACKNOWLEDGED, latched=True)
    waiting, events = return_to_normal(latched, NOW)
    assert (waiting.state, waiting.cleared_at, events) == (AlarmState.LATCHED, None, (AlarmEvent.RETURNED,))
    cleared, events = reset(waiting, 6, NOW)
    assert (cleared.state, cleared.reset_by, events) == (AlarmState.CLEARED, 6, (AlarmEvent.RESET, AlarmEvent.CLEARED))
    again, events = raise_again(waiting, 10.0, NOW)
    assert (again.state, again.latched, events) == (AlarmState.ACTIVE_UNACKNOWLEDGED, True, (AlarmEvent.RERAISED,))


@pytest.mark.parametrize("alarm", [RAISED, ACKNOWLEDGED, RETURNED])
def test_a_reset_waits_for_the_end_of_the_condition_and_for_acknowledgement(alarm: Alarm) -> None:
    latched = replace(alarm, latched=True)
    assert not may_be_reset(latched)
    assert reset(latched, 6, NOW) == (latched, ())


def test_what_was_acknowledged_and_is_still_there_asks_again() -> None:
    again, events = realarm(ACKNOWLEDGED, 12.0)
    assert (again.state, again.acknowledged_by, again.value) == (AlarmState.ACTIVE_UNACKNOWLEDGED, None, 12.0)
    assert (again.raise_count, events) == (1, (AlarmEvent.REALARMED,))


@pytest.mark.parametrize("alarm", [RAISED, RETURNED, CLEARED])
def test_only_what_somebody_has_taken_and_is_still_there_alarms_again(alarm: Alarm) -> None:
    assert realarm(alarm, 12.0) == (alarm, ())


def test_a_rule_that_only_tries_itself_out_leaves_nothing_to_acknowledge() -> None:
    cleared, events = return_to_normal(replace(RAISED, shadow=True), NOW)
    assert (cleared.state, events) == (AlarmState.CLEARED, (AlarmEvent.RETURNED, AlarmEvent.CLEARED))


def test_coming_back_wants_a_new_acknowledgement() -> None:
    again, events = raise_again(RETURNED, 10.0, NOW)
    assert (again.state, again.raise_count, again.value) == (AlarmState.ACTIVE_UNACKNOWLEDGED, 2, 10.0)
    assert (again.returned_at, events) == (None, (AlarmEvent.RERAISED,))


@pytest.mark.parametrize("alarm", [RETURNED, CLEARED])
def test_what_has_returned_returns_no_more(alarm: Alarm) -> None:
    assert return_to_normal(alarm, NOW + timedelta(hours=1)) == (alarm, ())


@pytest.mark.parametrize("alarm", [ACKNOWLEDGED, CLEARED])
def test_a_second_acknowledgement_changes_nothing(alarm: Alarm) -> None:
    assert acknowledge(alarm, 6, NOW + timedelta(hours=1)) == (alarm, ())


@pytest.mark.parametrize("alarm", [RAISED, ACKNOWLEDGED, CLEARED])
def test_only_what_has_returned_and_is_not_cleared_is_raised_again(alarm: Alarm) -> None:
    assert raise_again(alarm, 10.0, NOW) == (alarm, ())


def test_each_change_is_a_new_version() -> None:
    assert acknowledge(RAISED, 5, NOW)[0].version == RAISED.version + 1
    assert return_to_normal(RAISED, NOW)[0].version == RAISED.version + 1
    assert raise_again(RETURNED, 1.0, NOW)[0].version == RETURNED.version + 1
