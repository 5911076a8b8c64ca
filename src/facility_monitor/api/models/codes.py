"""What coded values mean: modes and fault codes by code set."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from facility_monitor.api.models.fields import Grade, Input, KindCode, Line, Output, Text, Words, example


class NewCode(Input):
    model_config = example(
        code_set="Demo Lifts DL-1000",
        metric="fault_code",
        code=37,
        meaning="door_closing",
        name={"zh-CN": "层门锁触点断开", "en": "Landing door contact open"},
        standard="Demo Lifts, service manual, table 12",
        grade="L",
        effective_from="2026-03-01",
    )
    code_set: Line = Field(description="a standard, a platform or a maker; equipment names it as attribute `code_set`")
    metric: KindCode
    code: Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]
    meaning: KindCode | None = Field(
        None, description="our own word for it, the same in all sets; rules go by it (`means`): entrapment, ..."
    )
    name: Words
    standard: Line = Field(description="where this can be looked up")
    grade: Grade
    effective_from: date = Field(description="from this day on; a newer row of the same code replaces it")


class Code(Output):
    code_set: str
    metric: str
    code: int
    meaning: str | None
    name: Text
    standard: str
    grade: str
    effective_from: date
    added_by: str
    added_at: datetime
