"""Parts of elevators: what is built in, how long it lasts, what it costs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from facility_monitor.api.models.fields import (
    BigId,
    Code,
    Day,
    Flag,
    Grade,
    Id,
    Input,
    KindCode,
    Line,
    Output,
    Prose,
    Text,
    Words,
    example,
)
from facility_monitor.api.models.shared import EquipmentName, Named
from facility_monitor.domain.elevator.part_life import Aspect
from facility_monitor.domain.elevator.part_life import Line as LifeLine
from facility_monitor.domain.elevator.usage import Counter

MinorUnits = Annotated[int, Field(strict=True, ge=0, le=10**11, description="in the minor unit: fen, cents")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Millimetres = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=5000)]
Measured = dict[KindCode, Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e6, le=1e6)]]


class Drive(Input):
    """The way of a rope: how often a trip bends it. Of pulleys the mean diameter counts."""

    traction_sheave_mm: Millimetres = Field(description="Dt")
    deflector_mm: Millimetres | None = Field(None, description="Dp")
    pulleys: int = Field(0, strict=True, ge=0, le=50, description="that bend the rope the same way as the sheave")
    reverse_pulleys: int = Field(0, strict=True, ge=0, le=50, description="that bend it the other way: four times")
    traction_equivalent: float = Field(
        1.0, allow_inf_nan=False, ge=1, le=30, description="N_equiv(t): 1 for a semi-circular groove without undercut"
    )


class NewPart(Input):
    model_config = example(
        kind="wire_rope",
        installed_on="2021-05-20",
        maker="Gustav Wolf",
        quantity=6,
        unit_price=185000,
        currency="CNY",
        supplier="Suzhou Rope Trading",
        lead_time_days=45,
        nominal_diameter_mm=10,
        construction="8x19",
        drive={"traction_sheave_mm": 400, "deflector_mm": 400, "pulleys": 1},
    )

    kind: KindCode
    installed_on: Day
    maker: Line | None = None
    model: Line | None = None
    quantity: int = Field(strict=True, ge=1, le=1000)
    unit_price: MinorUnits
    currency: Currency
    supplier: Line | None = None
    lead_time_days: int = Field(strict=True, ge=0, le=730)
    nominal_diameter_mm: Annotated[float, Field(allow_inf_nan=False, ge=4, le=30)] | None = None
    construction: Literal["6x19", "8x19"] | None = None
    drive: Drive | None = None
    remarks: Prose | None = None
    replaces: Id | None = Field(None, description="the part whose place it takes")
    correction: Flag = Field(False, description="`replaces` names an entry that was wrong, of the same part")
    reason: Prose | None = Field(None, description="needed with `replaces`")


class NewInspection(Input):
    model_config = example(
        inspected_on="2026-02-27",
        measured={"diameter_mm": 9.7, "broken_wires_spread": 7, "broken_wires_adjacent": 1},
        inspector="赵强",
    )

    inspected_on: Day
    measured: Measured = Field(
        description="of a rope, at its worst place: diameter_mm, and of one lay broken_wires_spread, "
        "broken_wires_concentrated, broken_wires_adjacent, valley_breaks; of a traction sheave: groove_wear_mm"
    )
    inspector: Line
    remarks: Prose | None = None
    corrects: BigId | None = None
    reason: Prose | None = None


class NewCounterReading(Input):
    model_config = example(counter="trips", read_on="2026-02-27", value=812345)

    counter: Counter
    read_on: Day
    value: int = Field(strict=True, ge=0, le=10**12)
    reset: Flag = Field(False, description="the counter was replaced or set back since the reading before")


class CounterReading(Output):
    id: int
    counter: Counter
    read_on: date
    value: int
    reset: bool


class NewLife(Input):
    """A life of the house's own, of a maker or of one model: it goes before the catalogue's for what it names."""

    model_config = example(
        code="rope-bends-wolf",
        part_kind="wire_rope",
        maker="Gustav Wolf",
        aspect="counter",
        quantity="rope_bends",
        line="planning",
        lowest=4000000,
        expected=8000000,
        highest=10000000,
        unit="1",
        name={"zh-CN": "折弯次数", "en": "rope bends"},
        standard="maker's letter",
        clause="2026-01-12",
        grade="L",
        effective_from="2026-01-12",
    )

    code: Code
    part_kind: KindCode
    maker: Line | None = None
    model: Line | None = None
    construction: Literal["6x19", "8x19"] | None = None
    aspect: Aspect
    quantity: KindCode | None = None
    line: LifeLine
    lowest: float = Field(allow_inf_nan=False, ge=0, le=1e12)
    expected: float = Field(allow_inf_nan=False, ge=0, le=1e12)
    highest: float = Field(allow_inf_nan=False, ge=0, le=1e12)
    unit: Line
    name: Words
    standard: Line
    clause: Line
    grade: Grade
    effective_from: Day
    effective_to: Day | None = None


class Life(Output):
    """``lowest``, ``expected`` and ``highest`` are months of a calendar, a count, or the limit of a condition."""

    code: str
    part_kind: str
    maker: str | None
    model: str | None
    construction: str | None
    aspect: Aspect
    quantity: str | None
    line: LifeLine
    lowest: float
    expected: float
    highest: float
    unit: str
    name: Text
    standard: str
    clause: str
    grade: str
    effective_from: date
    effective_to: date | None


class PartKind(Output):
    code: str
    name: Text
    measured: list[str] = Field(description="what an inspection may measure of it")


class Expectation(Output):
    """When the part is at the end of one of its lives, and by what."""

    aspect: Aspect
    quantity: str | None
    line: LifeLine
    ends: bool = Field(description="false for an early line, which only asks for a closer look")
    expected: date
    earliest: date
    latest: date | None = Field(description="null where it may well never come")
    used: float
    limit: float
    unit: str
    per_year: float | None
    name: Text
    standard: str
    clause: str
    grade: str
    effective_from: date


class Verdict(Output):
    quantity: str
    line: LifeLine
    value: float
    expected: float = Field(description="good up to this")
    passed: bool
    unit: str
    name: Text
    standard: str
    clause: str
    grade: str
    effective_from: date


class Inspection(Output):
    id: int
    inspected_on: date
    recorded_at: datetime
    measured: dict[str, float]
    inspector: str
    remarks: str | None
    passed: bool | None = Field(description="whether the part may run on; null where no line stands for anything")
    verdicts: list[Verdict]
    corrects: int | None
    reason: str | None


class Part(Output):
    """``unit_price`` is null for who may not see costs (`read:costs`)."""

    id: int
    site_id: int
    elevator: EquipmentName
    kind: str
    kind_name: Text
    installed_on: date
    recorded_at: datetime
    maker: str | None
    model: str | None
    quantity: int
    unit_price: int | None
    currency: str
    supplier: str | None
    lead_time_days: int
    nominal_diameter_mm: float | None
    construction: str | None
    drive: Drive | None
    bends_per_trip: float | None
    remarks: str | None
    replaces: int | None
    correction: bool
    reason: str | None
    nearest: Expectation | None
    expectations: list[Expectation]
    over_age: bool
    order_by: date | None
    order_soon: bool = Field(description="the last day to order is near or gone")
    warned_at: datetime | None = Field(description="when managers were told to order")
    inspections: list[Inspection]


class Price(Input):
    kind: KindCode | None = Field(None, description="null: of all kinds that are not named")
    percent: Decimal = Field(ge=-100, le=1000, max_digits=7, decimal_places=2)


class Postponed(Input):
    part_id: Id
    months: int = Field(strict=True, ge=0, le=60)


class WhatIf(Input):
    model_config = example(postpone_months=6, prices=[{"percent": 8}], postponed=[{"part_id": 1, "months": 0}])

    site_id: Id | None = None
    postpone_months: int = Field(0, strict=True, ge=0, le=60)
    postponed: list[Postponed] = Field(default_factory=list, max_length=500)
    prices: list[Price] = Field(default_factory=list, max_length=50)


class Item(Output):
    part_id: int
    elevator: EquipmentName
    kind: str
    kind_name: Text
    nth: int = Field(description="which of the part's replacements within the budget, from 1")
    due_on: date
    earliest: date
    latest: date | None
    order_by: date
    lead_time_days: int
    quantity: int
    unit_price: int
    cost: int
    currency: str
    overdue: bool
    risky: bool = Field(description="postponed beyond what the part is good for")
    by: Expectation


class Quarter(Output):
    year: int
    quarter: int
    total: dict[str, int] = Field(description="by currency, in minor units")
    items: list[Item]


class Year(Output):
    year: int
    total: dict[str, int]


class Budget(Output):
    """From this quarter to the one in three years."""

    today: date
    total: dict[str, int]
    years: list[Year]
    quarters: list[Quarter]
    unknown: list[Named] = Field(description="parts of which nothing says when they end")


class WhatIfAnswer(Output):
    """Nothing is stored: the budget as it stands, and as it would be."""

    stands: Budget
    changed: Budget
