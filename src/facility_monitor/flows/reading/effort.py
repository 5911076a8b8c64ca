"""Effort: the processor time that a thread spends on each stage of a message's way."""

from __future__ import annotations

import time
from enum import StrEnum


class Stage(StrEnum):
    """What is done with a message, in order. What the database and the broker do for it is not in these."""

    START = "start"
    """read the plant and what is remembered, before any message"""
    RECEIVE = "receive"
    DECODE = "decode"
    IDENTIFY = "identify"
    """find its points, and tell what is new from what is repeated"""
    STORE = "store"
    JUDGE = "judge"
    """by the rules, with the alarms that follow"""
    COMMIT = "commit"
    ACKNOWLEDGE = "acknowledge"
    OTHER = "other"
    """what is done now and then: to report, to judge the passing of time, to follow a changed configuration"""


class Effort:
    """For one thread, which calls ``spent`` at the end of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = dict.fromkeys((stage.value for stage in Stage), 0.0)
        """of processor time, by stage"""
        self._since = time.thread_time()

    def spent(self, stage: Stage) -> None:
        """What has been spent since the last call was spent on ``stage``."""
        now = time.thread_time()
        self.seconds[stage.value] += now - self._since
        self._since = now
