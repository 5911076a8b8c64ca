"""A limit whose value stands in dated rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from facility_monitor.domain.alarm.condition import Circumstances, Signal
from facility_monitor.domain.alarm.condition.limit import Level, Limit
from facility_monitor.domain.alarm.condition.limit_by_date import LimitByDate
from facility_monitor.domain.alarm.rule import Basis
from facility_monitor.domain.alarm.rule_document import parsed
from facility_monitor.domain.instant import SECOND, Instant, instant
from facility_monitor.domain.limit import DatedLimit, Direction
from facility_monitor.domain.reading.reading import Quality, Reading

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YEAR = instant(datetime(2026, 1, 1, tzinfo=SHANGHAI))


def row(value: float, since: str, until: str | None = None, direction: Direction = Direction.AT_MOST) -> DatedLimit:
    return DatedLimit(
        f"humidity-{since}",
        "humidity",
        {"en": "humidity"},
        direction,
        value,
        "%RH",
        f"rule of {since[:4]}",
        "clause 3",
        "L",
        date.fromisoformat(since),
        None if until is None else date.fromisoformat(until),
    )


OLD, NEW = row(80, "2020-01-01", "2025-12-31"), row(70, "2026-01-01")
DOCUMENT = {
    "name": {"en": "Humid"},
    "severity": "high",
    "scope": {"metric": "humidity"},
    "limit": {"level": "high", "quantity": "humidity", "unit": "%RH", "deadband": 5},
    "basis": {"source": "dated limit", "grade": "P"},
    "response": {"en": "Look"},
}


def bound(*rows: DatedLimit, level: Level = Level.HIGH, relative_to: str | None = None) -> LimitByDate:
    limit = Limit(level, 0.0, "%RH", 5.0, relative_to)
    found = LimitByDate("humidity", limit).bound(Circumstances({"set": 50}, limits={"humidity": rows}, zone=SHANGHAI))
    assert found is not None
    return found


def says(by: LimitByDate, value: float, at: Instant) -> Signal:
    return by.signal(Reading(1, at, 0, value, Quality.GOOD, at))


def test_the_row_in_force_on_the_day_of_the_reading_counts_at_the_site() -> None:
    by = bound(NEW, OLD)
    assert says(by, 75, NEW_YEAR - SECOND) is Signal.NORMAL
    assert says(by, 75, NEW_YEAR) is Signal.ABNORMAL
    assert says(by, 81, NEW_YEAR - SECOND) is Signal.ABNORMAL
    assert by.told(75, NEW_YEAR, None)["en"] == "75 %RH, above the limit of 70 %RH"


def test_before_the_first_row_and_after_the_last_nothing_is_abnormal() -> None:
    by = bound(OLD)
    assert says(by, 99, NEW_YEAR) is Signal.NORMAL
    assert says(by, 99, instant(datetime(2019, 12, 31, tzinfo=SHANGHAI))) is Signal.NORMAL
    assert says(by, 99, NEW_YEAR - SECOND) is Signal.ABNORMAL


def test_a_row_to_either_side_of_a_set_point() -> None:
    band = row(20, "2020-01-01", direction=Direction.WITHIN)
    low, high = (bound(band, level=level, relative_to="set") for level in (Level.LOW, Level.HIGH))
    assert [says(low, value, NEW_YEAR) for value in (29, 31, 35)] == [Signal.ABNORMAL, Signal.UNDECIDED, Signal.NORMAL]
    assert [says(high, value, NEW_YEAR) for value in (71, 69, 65)] == [Signal.ABNORMAL, Signal.UNDECIDED, Signal.NORMAL]
    assert low.calm == (30, float("inf"))


def test_without_a_row_of_its_side_and_unit_it_cannot_watch() -> None:
    limit = LimitByDate("humidity", Limit(Level.LOW, 0.0, "%RH"))
    assert limit.bound(Circumstances(limits={"humidity": [NEW]})) is None
    assert limit.bound(Circumstances()) is None


def test_no_value_within_the_calm_band_is_abnormal_under_any_row() -> None:
    assert bound(OLD, NEW).calm == (float("-inf"), 70)


def test_a_rule_names_the_row_as_its_basis() -> None:
    rule = parsed(1, "humid", 1, DOCUMENT)
    condition = rule.condition.bound(Circumstances(limits={"humidity": [OLD, NEW]}, zone=SHANGHAI))
    assert condition is not None
    watching = replace(rule, condition=condition)
    limit = watching.limit_at(NEW_YEAR)
    assert limit is not None
    assert limit.value == 70
    assert watching.basis_at(NEW_YEAR) == Basis("rule of 2026, clause 3", "L", "2026-01-01")
    assert watching.basis_at(NEW_YEAR - SECOND) == Basis("rule of 2020, clause 3", "L", "2020-01-01")
