"""Whether somebody would come: what the shifts of a place make of a stretch of time, and where they leave gaps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple


class Cover(IntEnum):
    """How well a moment is covered by the person on duty who is reached best."""

    NOBODY = 0
    """nobody is on duty"""
    UNREACHABLE = 1
    """somebody is, whom no message can reach"""
    ONE_CHANNEL = 2
    """somebody is, but where life is at stake two channels at once are wanted"""
    FULL = 3


class Watch(NamedTuple):
    """A shift of somebody who is reached by so many ``channels``; without an end it goes on."""

    starts_at: datetime
    ends_at: datetime | None
    channels: int

    @property
    def cover(self) -> Cover:
        return Cover(min(Cover.UNREACHABLE + self.channels, Cover.FULL))


class Stretch(NamedTuple):
    """From ``starts_at`` until before ``ends_at`` the cover is the same."""

    starts_at: datetime
    ends_at: datetime
    cover: Cover


def stretches(watches: Sequence[Watch], start: datetime, end: datetime) -> list[Stretch]:
    """The time from ``start`` until before ``end``, in stretches of the same cover."""
    moments = {start, end}
    for watch in watches:
        moments.update(at for at in (watch.starts_at, watch.ends_at) if at is not None and start < at < end)
    found: list[Stretch] = []
    ordered = sorted(moments)
    for since, until in pairwise(ordered):
        cover = _best(watches, since)
        if found and found[-1].cover is cover:
            found[-1] = found[-1]._replace(ends_at=until)
        else:
            found.append(Stretch(since, until, cover))
    return found


def _best(watches: Iterable[Watch], at: datetime) -> Cover:
    there = (each.cover for each in watches if each.starts_at <= at and (each.ends_at is None or at < each.ends_at))
    return max(there, default=Cover.NOBODY)
