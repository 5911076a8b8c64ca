"""Nuisance alarms: which deadband or delay would have spared them, computed from what the point really did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

MARGIN = 1.1
"""How much more than what was seen is proposed (basis P)."""


class Gap(NamedTuple):
    """Between two raises: how far the value went back beyond the limit, in its unit, and for how many seconds."""

    depth: float | None
    seconds: float


class Proposal(NamedTuple):
    """Any one of them would have spared ``spared`` raises; None where it cannot help. Units: the limit's, seconds."""

    deadband: float | None
    off_delay_s: int | None
    on_delay_s: int | None
    spared: int


def for_chatter(gaps: Sequence[Gap], deadband: float) -> Proposal | None:
    """A deadband wider than the ``deadband`` that there is, or an off-delay, that bridges every one of ``gaps``."""
    if not gaps:
        return None
    depths = [each.depth for each in gaps if each.depth is not None]
    wide = rounded_up(max(depths) * MARGIN) if len(depths) == len(gaps) else None
    return Proposal(
        deadband=wide if wide is not None and wide > deadband else None,
        off_delay_s=max(math.ceil(max(each.seconds for each in gaps) * MARGIN), 1),
        on_delay_s=None,
        spared=len(gaps),
    )


def for_fleeting(lasted_s: Sequence[float], life_safety: bool) -> Proposal | None:
    """An on-delay that outlasts each of them; none for life safety, which never waits."""
    if not lasted_s or life_safety:
        return None
    return Proposal(None, None, math.floor(max(lasted_s) * MARGIN) + 1, len(lasted_s))


def rounded_up(value: float) -> float:
    """``value`` up to two significant digits; 0 stays 0."""
    if value <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(round(value / step, 6)) * step:.12g}")
