"""What the rules of one point look at, so that a reading that is news to none of them is not shown to them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from facility_monitor.domain.alarm.rule import Rule


class Watch(NamedTuple):
    """The rules that judge a point's own readings, each with its index. Points with the same rules share one.

    A value from ``lowest`` to ``highest`` is news to those in ``always`` alone, as long as no rule's timer is running.
    """

    lowest: float
    highest: float
    always: tuple[tuple[int, Rule], ...]
    all: tuple[tuple[int, Rule], ...]


def watch(rules: Iterable[Rule]) -> Watch:
    """What ``rules``, those of one point, look at."""
    own = tuple((index, rule) for index, rule in enumerate(rules) if not rule.condition.inputs)
    bands = [band for _, rule in own if (band := rule.condition.calm) is not None]
    return Watch(
        max((lowest for lowest, _ in bands), default=-math.inf),
        min((highest for _, highest in bands), default=math.inf),
        tuple(each for each in own if each[1].condition.calm is None),
        own,
    )
