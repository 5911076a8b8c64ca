"""The kinds of conditions as people write them: what stands in a rule under its kind's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from facility_monitor.api.models.fields import Flag, Input, KindCode, Line, Number
from facility_monitor.api.models.plant import Level, Unit

Positive = Annotated[Number, Field(gt=0)]
Band = Annotated[Number, Field(ge=0)]
Span = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0.001, le=30 * 86400)]
"""Seconds, at most 30 days."""
Hold = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=30 * 86400)]


class Measure(NamedTuple):
    """A unit that stands in a rule at ``path``, and the metric that must be measured in it; None for the rule's own.

    ``limit`` is one whose value stands in dated rows, at the path without its last step.
    """

    path: str
    unit: str | None
    metric: str | None = None
    limit: LimitIn | None = None


class LimitIn(Input):
    """Abnormal is strictly beyond ``value``; normal again is back by at least ``deadband``.

    With ``quantity`` the value is that of the dated limit which is in force on the day of the reading.
    """

    level: Level
    quantity: KindCode | None = Field(None, description="of the dated limits (`GET /limits`), instead of a value")
    value: Number | None = Field(None, validate_default=True)
    unit: Unit = Field(description="must be the metric's SenML unit")
    deadband: Band = 0.0
    relative_to: KindCode | None = Field(
        None, description="the equipment's attribute (a set point, in the same unit) from which `value` counts"
    )

    @field_validator("value")
    @classmethod
    def _one(cls, value: float | None, before: ValidationInfo) -> float | None:
        if (value is None) == (before.data.get("quantity") is None):
            raise ValueError("needs either a value or a quantity of the dated limits")
        return value

    def measures(self) -> Iterator[Measure]:
        yield Measure("unit", self.unit, limit=self)


class FaultCode(Input):
    code_set: Line = Field(description="whose code it is, such as GB/T 24476")
    code: Number


class StateIn(Input):
    """Abnormal while the value is one of ``values``, or one that ``means`` this in the equipment's own code set."""

    values: Annotated[list[Number], Field(min_length=1, max_length=64)] | None = None
    means: Annotated[list[KindCode], Field(min_length=1, max_length=64)] | None = Field(
        None, description="meanings of codes (`GET /codes`), such as `entrapment`; may stand beside values"
    )
    codes: Annotated[list[FaultCode], Field(min_length=1, max_length=256)] | None = Field(
        None, description="single codes, instead; the equipment's attribute `code_set` tells which of them count"
    )
    default_code_set: Line | None = Field(None, description="of equipment without the attribute")
    other: Flag = Field(False, description="abnormal is any other value than these")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.values is None and self.means is None) == (self.codes is None):
            raise ValueError("needs either values, means or both, or codes")
        return self

    def measures(self) -> Iterator[Measure]:
        yield from ()


class QualityIn(Input):
    """Abnormal while readings are of this quality or worse."""

    worst: Literal["uncertain", "bad"] = "bad"

    def measures(self) -> Iterator[Measure]:
        yield from ()


class RateIn(Input):
    """Abnormal while the value is more than ``change`` from where it was at some reading within the last ``span_s``."""

    way: Literal["up", "down", "either"]
    change: Positive
    span_s: Span
    unit: Unit = Field(description="must be the metric's SenML unit")
    deadband: Band = 0.0

    def measures(self) -> Iterator[Measure]:
        yield Measure("unit", self.unit)


class StuckIn(Input):
    """Abnormal once all readings of ``for_s`` lie within ``band`` of each other, other than at a value of ``rest``."""

    for_s: Span
    band: Band = 0.0
    rest: Annotated[list[Number], Field(max_length=16)] | None = Field(
        None, description="values that may stand for ever"
    )

    def measures(self) -> Iterator[Measure]:
        yield from ()


class SilenceIn(Input):
    """Abnormal once ``missed`` report periods have passed without a reading."""

    missed: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = Field(
        None, description="3 where it is left out, 2 at equipment that protects people"
    )
    period_s: Span | None = Field(
        None, description="instead of the point's report period; where it has neither, it is learned"
    )

    def measures(self) -> Iterator[Measure]:
        yield from ()


class TimesOf(Input):
    """One condition on the single value."""

    limit: LimitIn | None = None
    state: StateIn | None = None
    quality: QualityIn | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.limit, self.state, self.quality)) != 1:
            raise ValueError("needs one of limit, state and quality")
        return self


class TimesIn(Input):
    """Abnormal while ``of`` has begun ``count`` times within the last ``within_s``."""

    count: Annotated[int, Field(strict=True, ge=1, le=100)]
    within_s: Span
    of: TimesOf

    def measures(self) -> Iterator[Measure]:
        if self.of.limit is not None:
            yield Measure("of.limit.unit", self.of.limit.unit, limit=self.of.limit)


class DewPointIn(Input):
    """Abnormal while ``surface`` is less than ``margin`` kelvin above the dew point of the air (Magnus formula)."""

    margin: Positive
    deadband: Band = 0.0
    surface: KindCode = Field("surface_temperature", description="the metric; all three are of the same equipment")
    temperature: KindCode = "temperature"
    humidity: KindCode = "humidity"

    def measures(self) -> Iterator[Measure]:
        yield Measure("surface", "Cel", self.surface)
        yield Measure("temperature", "Cel", self.temperature)
        yield Measure("humidity", "%RH", self.humidity)


class _Learned(Input):
    """How the normal of a signal is learned, followed and judged: see docs/rules.md."""

    spreads: Positive = Field(3.0, description="so many times the learned spread are allowed")
    learn_readings: Annotated[int, Field(strict=True, ge=2, le=100_000)] = Field(
        120, description="readings that it takes at least to learn"
    )
    learn_s: Hold = Field(0.0, description="and seconds")
    smooth_s: Hold = Field(0.0, description="time constant of the level that is judged; 0 is each reading by itself")
    follow_s: Hold = Field(0.0, description="time constant with which the centre follows while all is normal; 0 never")
    by_hour: Flag = Field(False, description="every hour of the day has a centre of its own")
    return_at: Annotated[Number, Field(gt=0, le=1)] = Field(
        0.6, description="normal below this share of what is allowed"
    )
    relearn_after_s: Span | None = Field(None, description="after so long abnormal, it is learned anew")


class FluctuationIn(_Learned):
    """Abnormal while the value is farther from its own learned normal than ``spreads`` and the tolerances allow."""

    unit: Unit = Field(description="must be the metric's SenML unit")
    tolerance: Band = Field(0.0, description="allowed in any case, in the unit")
    tolerance_share: Band = Field(0.0, description="allowed in any case, as a share of the centre")

    def measures(self) -> Iterator[Measure]:
        yield Measure("unit", self.unit)


class JointPoint(Input):
    metric: KindCode
    unit: Unit | None = Field(None, description="the metric's SenML unit, in which people are told of it")
    tolerance: Band = 0.0
    tolerance_share: Band = 0.0


class JointIn(_Learned):
    """Abnormal while several points of one equipment together are farther from their learned normals than allowed."""

    points: Annotated[list[JointPoint], Field(min_length=1, max_length=16)]

    def measures(self) -> Iterator[Measure]:
        yield from (Measure(f"points.{index}.unit", each.unit, each.metric) for index, each in enumerate(self.points))


class NodeIn(Input):
    """``all`` or ``any`` of several, ``not`` one, or a condition on the single value of a metric of the equipment."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, populate_by_name=True)

    all: Annotated[list[NodeIn], Field(min_length=1, max_length=16)] | None = None
    any: Annotated[list[NodeIn], Field(min_length=1, max_length=16)] | None = None
    negated: NodeIn | None = Field(None, alias="not")
    metric: KindCode | None = None
    limit: LimitIn | None = None
    state: StateIn | None = None
    quality: QualityIn | None = None
    for_s: Hold = Field(0.0, description="it counts once it has been so for this long")
    within_s: Hold = Field(0.0, description="it counts until this long after it was so")

    @model_validator(mode="after")
    def _one(self) -> Self:
        shapes = [name for name in ("all", "any", "negated", "metric") if getattr(self, name) is not None]
        conditions = [each for each in (self.limit, self.state, self.quality) if each is not None]
        if len(shapes) != 1:
            raise ValueError("needs one of all, any, not and metric")
        if len(conditions) != (shapes == ["metric"]):
            raise ValueError("needs, with metric, one of limit, state and quality")
        if shapes != ["metric"] and (self.for_s or self.within_s):
            raise ValueError("for_s and within_s go with metric")
        if self.for_s and self.within_s:
            raise ValueError("takes for_s or within_s, not both")
        return self

    def measures(self) -> Iterator[Measure]:
        for name in ("all", "any"):
            for index, node in enumerate(getattr(self, name) or ()):
                yield from (each._replace(path=f"{name}.{index}.{each.path}") for each in node.measures())
        if self.negated is not None:
            yield from (each._replace(path=f"not.{each.path}") for each in self.negated.measures())
        if self.metric is not None:
            if self.limit is None:
                yield Measure("metric", None, self.metric)
            else:
                yield Measure("limit.unit", self.limit.unit, self.metric, self.limit)


class CombinationIn(NodeIn):
    """Over the points of one equipment. The alarm is that of the point that the rule's scope names."""

    until: NodeIn | None = Field(
        None, description="it stays abnormal until this has held since it began: an entrapment, until the door is open"
    )

    def measures(self) -> Iterator[Measure]:
        yield from super().measures()
        if self.until is not None:
            yield from (each._replace(path=f"until.{each.path}") for each in self.until.measures())

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if sum(1 for _ in self.measures()) > 32:
            raise ValueError("must not have more than 32 parts")
        return self


NodeIn.model_rebuild()
