"""What speaks against a photo, and how many are needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from facility_monitor.domain.fire.evidence import (
    Doubt,
    Exif,
    GeoPoint,
    Photo,
    Requirement,
    Source,
    doubts_of,
    doubts_of_use,
    missing,
)

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = GeoPoint(31.2304, 121.4737)
GOOD = Photo(NOW - MINUTE, NOW - MINUTE, NOW, SITE, Source.CAMERA)


def doubts(photo: Photo, site: GeoPoint | None = SITE) -> list[tuple[Doubt, float | None]]:
    return [(each.doubt, each.measured) for each in doubts_of(photo, site)]


def test_a_photo_taken_here_and_now_is_beyond_doubt() -> None:
    assert doubts(GOOD) == []
    assert doubts_of_use(GOOD, NOW, 0) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"source": Source.GALLERY}, [(Doubt.GALLERY, None)]),
        ({"taken_at": None}, [(Doubt.GALLERY, None)]),
        ({"taken_at": NOW - 11 * MINUTE}, []),
        ({"taken_at": NOW - 12 * MINUTE}, [(Doubt.GALLERY, 660)]),
        ({"taken_at": NOW + 10 * MINUTE}, [(Doubt.GALLERY, 660)]),
        ({"device_at": None, "taken_at": NOW - 11 * MINUTE}, [(Doubt.GALLERY, 660)]),
        ({"device_at": NOW + 15 * MINUTE, "taken_at": NOW + 15 * MINUTE}, []),
        ({"device_at": NOW + 16 * MINUTE, "taken_at": NOW + 16 * MINUTE}, [(Doubt.TIME_GAP, 960)]),
        ({"device_at": NOW - timedelta(days=1), "taken_at": NOW - timedelta(days=1)}, [(Doubt.TIME_GAP, 86400)]),
        ({"place": None}, []),
        ({"place": GeoPoint(31.2304, 121.4841)}, []),
        ({"place": GeoPoint(31.2304, 121.4843)}, [(Doubt.FAR, 1008)]),
    ],
)
def test_each_doubt_has_its_limit(changes: dict[str, object], expected: list[tuple[Doubt, float | None]]) -> None:
    assert doubts(replace(GOOD, **changes)) == expected  # type: ignore[arg-type]


def test_where_the_site_is_unknown_nothing_is_far() -> None:
    assert doubts(replace(GOOD, place=GeoPoint(0, 0)), site=None) == []


def test_a_photo_is_of_the_time_of_the_act_and_of_no_other_record() -> None:
    assert [each.doubt for each in doubts_of_use(GOOD, NOW + timedelta(hours=2), 0)] == [Doubt.TIME_GAP]
    assert [each.as_json() for each in doubts_of_use(GOOD, NOW, 2)] == [
        {"doubt": "reused", "measured": 2, "limit": 0, "unit": "records"}
    ]


def test_a_distance_is_that_along_the_great_circle() -> None:
    # Peking to Shanghai, and a step across the date line
    assert GeoPoint(39.9042, 116.4074).distance_m(SITE) == pytest.approx(1_067_300, rel=1e-3)
    assert GeoPoint(0, 179.9995).distance_m(GeoPoint(0, -179.9995)) == pytest.approx(111.2, rel=1e-3)
    assert GeoPoint(90, 0).distance_m(GeoPoint(-90, 0)) == pytest.approx(20_015_000, rel=1e-3)


def test_a_camera_without_a_zone_shows_the_time_of_the_site() -> None:
    local = datetime(2026, 3, 2, 16, 0)  # noqa: DTZ001 - as a camera writes it
    shanghai = ZoneInfo("Asia/Shanghai")
    assert Exif(local).taken_at(shanghai) == NOW
    assert Exif(local, timedelta(hours=9)).taken_at(shanghai) == NOW - timedelta(hours=1)
    assert Exif().taken_at(shanghai) is None


def test_what_is_missing_goes_by_the_newest_requirement_of_the_day() -> None:
    day = date(2026, 3, 2)
    rows = [
        Requirement("after", 2, day, "policy"),
        Requirement("after", 1, date(2020, 1, 1), "policy"),
        Requirement("before", 1, date(2026, 3, 3), "policy"),
    ]
    assert missing(rows, [], day) == {"after": 2}
    assert missing(rows, ["after"], day) == {"after": 1}
    assert missing(rows, ["after", "after", "elsewhere"], day) == {}
    assert missing(rows, [], date(2026, 3, 1)) == {"after": 1}
    assert missing(rows, [], date(2026, 3, 3)) == {"after": 2, "before": 1}
    assert missing([], [], day) == {}
