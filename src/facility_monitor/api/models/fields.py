"""The kinds of fields: what each may hold, and how far it may go."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from facility_monitor.domain.instant import EARLIEST, LATEST, moment


class Input(BaseModel):
    """A body that comes in: no field that nobody reads, no surprise in one that somebody does."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Changes(Input):
    """A body that changes some fields: what is left out stays, null empties where a field may be empty."""

    def given(self) -> dict[str, Any]:
        """The fields that the body has."""
        return self.model_dump(exclude_unset=True)


def left_out() -> Any:
    """The default of a field that may be left out but not be null."""
    return Field(default_factory=lambda: None)


class Output(BaseModel):
    """A body that goes out."""


def example(**fields: Any) -> ConfigDict:
    """The configuration of a model with ``fields`` as its example."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


def _printable(words: str) -> str:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in words):
        raise ValueError("must not contain control characters")
    return words


def _storable(words: str) -> str:
    if "\0" in words:
        raise ValueError("must not contain NUL")
    return words


def _written(at: object) -> object:
    # Pydantic also takes numbers, as seconds or milliseconds by their size: a day number of a spreadsheet becomes 1970
    if isinstance(at, datetime) or (isinstance(at, str) and re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", at)):
        return at
    raise ValueError("must be a time such as 2026-03-02T15:30:00+08:00")


def _in_range(at: datetime) -> datetime:
    # Compared before it is converted: near the ends of the calendar the conversion itself overflows.
    if not _EARLIEST <= at < _LATEST:
        raise ValueError("must lie between 1970 and 2200")
    return at.astimezone(UTC)


_EARLIEST, _LATEST = moment(EARLIEST), moment(LATEST)


def _in_days(day: date) -> date:
    if not _EARLIEST.date() <= day < _LATEST.date():
        raise ValueError("must lie between 1970 and 2200")
    return day


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be an IANA time zone, for example Asia/Shanghai") from None
    return name


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    budget = [_LARGEST]
    _weigh(document, budget, 0)
    return document


_LARGEST, _DEEPEST = 20_000, 8


def _weigh(value: object, budget: list[int], depth: int) -> None:
    """Raises ValueError for what PostgreSQL cannot keep as JSON, and for what is too large or too deep."""
    budget[0] -= 1
    if isinstance(value, str):
        budget[0] -= len(value)
        if "\0" in value or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
            raise ValueError("must not contain NUL or half of a surrogate pair")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must contain finite numbers only")
    elif isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        raise ValueError("must contain whole numbers of at most 64 bits")
    if budget[0] < 0 or depth > _DEEPEST:
        raise ValueError(f"must not hold more than {_LARGEST} characters or be nested deeper than {_DEEPEST}")
    if isinstance(value, Mapping):
        for name, each in value.items():
            _weigh(name, budget, depth)
            _weigh(each, budget, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _weigh(each, budget, depth + 1)


Id = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
"""The id of a row that people make."""
PathId = Annotated[int, Field(ge=1, le=2**31 - 1)]
BigPathId = Annotated[int, Field(ge=1, le=2**63 - 1)]
"""The id of an alarm, a ticket or another row that the service makes."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a photo's bytes, in hexadecimal."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
KindCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
Grade = Annotated[
    Literal["L", "L~", "O", "P"],
    Field(description="L looked up, L~ weak source, O common knowledge, P own proposal"),
]
"""How sure it is where something comes from."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_printable)]
"""One line of text."""
Prose = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_storable)]
"""Text of several lines."""
Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,64}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256, strip_whitespace=False)]
"""A password as it was typed."""
Locale = Literal["zh-CN", "en"]
Words = Annotated[dict[Locale, Line], Field(min_length=1)]
"""One line in at least one language."""
LongWords = Annotated[dict[Locale, Prose], Field(min_length=1)]
Text = Annotated[dict[str, str], Field(examples=[{"zh-CN": "配电房 1", "en": "Distribution room 1"}])]
"""Words by locale, as they go out."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)]
Latitude = Annotated[float, Field(allow_inf_nan=False, ge=-90, le=90)]
Longitude = Annotated[float, Field(allow_inf_nan=False, ge=-180, le=180)]
Flag = Annotated[bool, Field(strict=True)]
Seconds = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, le=30 * 86400)]
"""A duration of at most 30 days."""
Time = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_range)]
"""An instant, with its offset from UTC."""
Day = Annotated[date, AfterValidator(_in_days)]
"""A day of the calendar, far enough from its ends to count from it."""
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Json = Annotated[dict[str, Any], AfterValidator(_plain)]
"""A free JSON object of moderate size."""
BigId = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
