"""Photos as evidence: when and where one was taken, and what speaks against it. Files of other kinds (certificates,
logs of instruments) have no such moment: they speak for themselves, and one may be evidence of many records.

A doubt refuses nothing: it stands beside the photo for whoever looks at it. Limits are our own (basis P):

============  ================================================================================  ==========
``gallery``   no time in the picture itself, or it differs from the device's by more than       10 min
``time_gap``  the device's time and the server's differ by more than                            15 min
``time_gap``  the picture was taken before or after the act that it shows by more than          2 h
``far``       the place of the picture, else of the device, is from the site's further than     1 km
``reused``    the same bytes are evidence of another record                                     0 records
``alike``     it shows what the photo of another record shows: their fingerprints differ in       3 bits
============  ================================================================================  ==========

A kilometre, because cameras in China write GCJ-02 coordinates as if they were WGS 84, some 500 m away. Three of the 64
bits of a fingerprint, because nine of ten photos that were compressed anew or made smaller stay within them, and 35 to
70 % of those of which an edge of 2 % was cut off; so does one picture in 25 of the same piece from about the same place
(rendered scenes), and hardly any of another piece.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from typing import Any

from facility_monitor.domain.fire.chain import written

CAPTURE_GAP = timedelta(minutes=10)
CLOCK_GAP = timedelta(minutes=15)
ACT_GAP = timedelta(hours=2)
FAR_M = 1000.0
ALIKE_BITS = 3
"""Of the 64 of a fingerprint."""
_EARTH_RADIUS_M = 6_371_008.8
"""Mean radius, IUGG 1980."""


def is_picture(media_type: str) -> bool:
    """Whether a file of this type is a photo; all others are documents."""
    return media_type.startswith("image/")


class Source(StrEnum):
    """Where the device says it has the photo from."""

    CAMERA = "camera"
    GALLERY = "gallery"
    UNKNOWN = "unknown"


class Doubt(StrEnum):
    GALLERY = "gallery"
    TIME_GAP = "time_gap"
    FAR = "far"
    REUSED = "reused"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """Degrees, WGS 84: north and east are positive."""

    latitude: float
    longitude: float

    def distance_m(self, other: GeoPoint) -> float:
        """Along the great circle, in metres (haversine formula)."""
        here, there = math.radians(self.latitude), math.radians(other.latitude)
        across = math.radians(other.longitude - self.longitude)
        half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
        return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True, slots=True)
class Exif:
    """What a camera wrote into a picture. ``local`` is its clock without a zone, ``offset`` that from UTC if given."""

    local: datetime | None = None
    offset: timedelta | None = None
    place: GeoPoint | None = None

    def taken_at(self, zone: tzinfo) -> datetime | None:
        """When it was taken; where the camera gave no offset its clock is taken to show the time of ``zone``."""
        if self.local is None:
            return None
        if self.offset is None:
            return self.local.replace(tzinfo=zone)
        return self.local.replace(tzinfo=timezone(self.offset))


@dataclass(frozen=True, slots=True)
class Photo:
    """One upload of a picture: what it says itself, what the device said of it, and when it came."""

    taken_at: datetime | None
    device_at: datetime | None
    received_at: datetime
    place: GeoPoint | None
    source: Source

    @property
    def when(self) -> datetime | None:
        """When it was taken, as well as that is known."""
        return self.taken_at or self.device_at

    def as_json(self) -> dict[str, Any]:
        """Its times and source, as entries of the ledger hold them."""
        times = {"taken_at": self.taken_at, "device_at": self.device_at, "received_at": self.received_at}
        return {
            **{name: None if at is None else written(at) for name, at in times.items()},
            "source": self.source.value,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt with what was measured and the limit, both in ``unit``; None where there was nothing to measure."""

    doubt: Doubt
    measured: float | None = None
    limit: float | None = None
    unit: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"doubt": self.doubt.value, "measured": self.measured, "limit": self.limit, "unit": self.unit}


def doubts_of(photo: Photo, site: GeoPoint | None) -> list[Finding]:
    """What speaks against a photo by itself. ``site`` is where it should have been taken, if that is known."""
    found = []
    claimed = photo.device_at or photo.received_at
    if photo.source is Source.GALLERY or photo.taken_at is None:
        found.append(Finding(Doubt.GALLERY))
    elif abs(claimed - photo.taken_at) > CAPTURE_GAP:
        found.append(_gap(Doubt.GALLERY, claimed - photo.taken_at, CAPTURE_GAP))
    if photo.device_at is not None and abs(photo.received_at - photo.device_at) > CLOCK_GAP:
        found.append(_gap(Doubt.TIME_GAP, photo.received_at - photo.device_at, CLOCK_GAP))
    if site is not None and photo.place is not None and (away := site.distance_m(photo.place)) > FAR_M:
        found.append(Finding(Doubt.FAR, round(away), FAR_M, "m"))
    return found


def doubts_of_use(photo: Photo, act_at: datetime, others: int, nearest: int | None = None) -> list[Finding]:
    """What speaks against a photo as evidence of an act; ``others`` is of how many other records it is evidence,
    ``nearest`` in how many bits it differs from the most similar photo of another record, if there is one like it."""
    found = []
    if photo.when is not None and abs(act_at - photo.when) > ACT_GAP:
        found.append(_gap(Doubt.TIME_GAP, act_at - photo.when, ACT_GAP))
    if others:
        found.append(Finding(Doubt.REUSED, others, 0, "records"))
    elif nearest is not None:
        found.append(Finding(Doubt.ALIKE, nearest, ALIKE_BITS, "bits"))
    return found


def _gap(doubt: Doubt, gap: timedelta, limit: timedelta) -> Finding:
    return Finding(doubt, round(abs(gap).total_seconds()), limit.total_seconds(), "s")


@dataclass(frozen=True, slots=True)
class Requirement:
    """So many photos for a ``purpose`` does a record of a kind and class need; a dated row with its basis."""

    purpose: str
    minimum: int
    effective_from: date
    basis: str


def missing(requirements: Iterable[Requirement], purposes: Iterable[str], on: date) -> Mapping[str, int]:
    """How many photos are still needed for each purpose, by the requirements that stand on a day.

    Of several for one purpose the newest holds.
    """
    standing: dict[str, Requirement] = {}
    for each in sorted(requirements, key=lambda each: each.effective_from):
        if each.effective_from <= on:
            standing[each.purpose] = each
    given = Counter(purposes)
    return {
        purpose: each.minimum - given[purpose] for purpose, each in standing.items() if each.minimum > given[purpose]
    }
