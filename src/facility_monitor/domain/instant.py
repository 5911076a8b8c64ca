"""Event time as whole microseconds since 1970-01-01 UTC: exact, cheap to compare, PostgreSQL's own resolution."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

Instant = int
"""Microseconds since the epoch, UTC."""

SECOND: Instant = 1_000_000
MILLISECOND: Instant = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

EARLIEST: Instant = 0
"""1970-01-01: what is older is no event time of a sensor."""
LATEST: Instant = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""2200-01-01: what is later is no event time of a sensor."""


def instant(moment: datetime) -> Instant:
    """The instant of an aware ``moment``. Raises TypeError for a naive one."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(at: Instant) -> datetime:
    """The aware UTC datetime of ``at``."""
    return _EPOCH + timedelta(microseconds=at)
