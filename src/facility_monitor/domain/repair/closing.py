"""What a ticket needs before it may close: the sensors' word, else another person's."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Word(StrEnum):
    """What the sensors say of what a ticket is for."""

    NORMAL = "normal"
    """it has been back to normal for the set time, and they still speak"""
    SETTLING = "settling"
    """back to normal, but not for long enough"""
    ABNORMAL = "abnormal"
    SILENT = "silent"
    """it went back to normal, and nothing has come since"""
    NONE = "none"
    """no sensor knows of it"""


class Sensed(NamedTuple):
    """How many alarms a ticket has, how many of them are active, since when none is, and how many points that should
    speak in a rhythm have said nothing since the set time passed."""

    alarms: int
    active: int
    normal_since: datetime | None
    silent: int


def word(sensed: Sensed, normal_for: timedelta, now: datetime) -> Word:
    """The sensors' word; ``normal_for`` is the set time."""
    if not sensed.alarms:
        return Word.NONE
    if sensed.active or sensed.normal_since is None:
        return Word.ABNORMAL
    if now < sensed.normal_since + normal_for:
        return Word.SETTLING
    return Word.SILENT if sensed.silent else Word.NORMAL


CONTRADICTS = frozenset({Word.ABNORMAL, Word.SETTLING})
"""Against these nothing closes that was verified without a signed exception."""
UNCONFIRMED = CONTRADICTS | {Word.SILENT}
"""Here only a signed exception verifies: a sensor that was unplugged has not seen it in order for the set time."""
