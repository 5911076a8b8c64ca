"""Every code of an alarm has its word, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from facility_monitor.domain.alarm.alarm import AlarmEvent, AlarmState, Quiet
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.alarm.words import EVENTS, QUIET, SEVERITIES, STATES
from facility_monitor.domain.text import Text


@pytest.mark.parametrize(
    ("words", "codes"), [(EVENTS, AlarmEvent), (STATES, AlarmState), (QUIET, Quiet), (SEVERITIES, Severity)]
)
def test_each_has_a_word_of_its_own_in_both_languages(words: Mapping[str, Text], codes: type[StrEnum]) -> None:
    assert set(words) == set(codes)
    for locale in ("zh-CN", "en"):
        assert len({each[locale] for each in words.values()}) == len(codes)
