"""The readings of a point: one by one, or in steps of time; as JSON, or as a CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from facility_monitor.api.auth import Call, ReadsPlant
from facility_monitor.api.models import readings as models
from facility_monitor.api.models.fields import PathId, Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part
from facility_monitor.api.problems import documented
from facility_monitor.domain.instant import instant
from facility_monitor.domain.reading import rollup
from facility_monitor.errors import InvalidInput
from facility_monitor.store.tables import point
from facility_monitor.store.views import readings as views
from facility_monitor.store.views import rollups

router = APIRouter(prefix="/points", tags=["readings"])
_ASCENDING, _DESCENDING = Order("readings", datetime, int), Order("readings-desc", datetime, int)
_STEP = re.compile(r"(?P<number>[1-9][0-9]{0,8})(?P<unit>[smhdw]?)")
_UNIT_S = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
DRAWN = 800
"""Into how many steps at most ``auto`` cuts: about as many as a screen has pixels to tell apart."""
MOST_STEPS = 10_000
ROWS = 5_000
"""How many readings of a file are read in one transaction."""

_Start = Annotated[Time | None, Query(alias="from", description="included")]
_End = Annotated[Time | None, Query(alias="to", description="not included")]
_StepWord = Annotated[
    str | None,
    Query(
        max_length=16,
        description=f"seconds, or a number with s, m, h, d or w, or `auto`: about {DRAWN} steps. Needs `from`",
        examples=["1h", "auto"],
    ),
]


@router.get(
    "/{point_id}/readings",
    summary="Readings by event time, one by one or in steps",
    response_model=Page[models.Reading] | models.Steps,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        **documented(401, 403, 404, 422, 503),
    },
)
def list_readings(
    point_id: PathId,
    call: ReadsPlant,
    part: Part,
    start: _Start = None,
    end: _End = None,
    step: _StepWord = None,
    order: Annotated[Literal["asc", "desc"], Query(description="of single readings")] = "asc",
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Any:
    """Values are in the point's SenML unit.

    With `step` the readings are summed up, in one part: min, max, mean, count and last of each step. Steps of whole
    days begin at midnight of the site, all others are counted from 1970 in UTC. `format=csv` gives a file of all
    readings, or steps, from `from` to `to`.
    """
    with call.transaction() as tx:
        call.must_see(tx, point, point_id)
    if step is not None:
        found = _steps(call, point_id, start, end, step)
        return _csv(point_id, models.Step, found["items"]) if form == "csv" else found
    if form == "csv":
        return _csv(point_id, models.Reading, _all(call, point_id, start, end, descending=order == "desc"))
    sorting = _ASCENDING if order == "asc" else _DESCENDING
    key = sorting.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        rows = views.readings(tx, point_id, start, end, descending=order == "desc", after=after, limit=part.limit + 1)
    page = sorting.page(rows, part.limit, lambda row: (row["at"], row["sequence"]))
    page["items"] = [_shown(row) for row in page["items"]]
    return page


def _steps(call: Call, point_id: int, start: datetime | None, end: datetime | None, step: str) -> dict[str, Any]:
    given_s = None if step == "auto" else _seconds(step)
    if start is None:
        raise InvalidInput({"from": "is needed with step"})
    end = end or call.now
    if end <= start:
        raise InvalidInput({"to": "must come after from"})
    span = instant(start), instant(end)
    step_s = given_s or rollup.nice_step(span, DRAWN)
    if (count := (end - start).total_seconds() / step_s) > MOST_STEPS:
        raise InvalidInput({"step": f"would make {count:.0f} steps; at most {MOST_STEPS} in one answer"})
    with call.transaction() as tx:
        nature = rollups.nature(tx, point_id)
        items = rollups.steps(tx, point_id, span, rollup.steps(span, step_s, nature.zone))
    return {
        "point_id": point_id,
        "unit": nature.unit,
        "start": start,
        "end": end,
        "step_s": step_s,
        "timezone": nature.zone.key,
        "items": items,
    }


def _seconds(step: str) -> int:
    written = _STEP.fullmatch(step)
    if written is None:
        raise InvalidInput({"step": "must be seconds, or a number with s, m, h, d or w (1m, 6h, 7d), or auto"})
    seconds = int(written["number"]) * _UNIT_S[written["unit"]]
    if seconds > 366 * _UNIT_S["d"]:
        raise InvalidInput({"step": "must not be longer than 366 days"})
    return seconds


def _all(
    call: Call, point_id: int, start: datetime | None, end: datetime | None, *, descending: bool
) -> Iterator[dict[str, Any]]:
    """Every reading, some thousands in a transaction: a file of a year holds no connection for minutes."""
    after: tuple[datetime, int] | None = None
    while True:
        with call.transaction() as tx:
            rows = views.readings(tx, point_id, start, end, descending=descending, after=after, limit=ROWS)
        yield from map(_shown, rows)
        if len(rows) < ROWS:
            return
        after = rows[-1]["at"], rows[-1]["sequence"]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    # Below zero stands the store's own mark of a value that its device does not number.
    return {**row, "sequence": row["sequence"] if row["sequence"] >= 0 else None}


def _csv(point_id: int, of: type[models.Reading] | type[models.Step], rows: Iterable[Mapping[str, Any]]) -> Response:
    columns = list(of.model_fields)
    head = {"Content-Disposition": f'attachment; filename="point-{point_id}.csv"'}
    return StreamingResponse(_lines(columns, rows), media_type="text/csv; charset=utf-8", headers=head)


def _lines(columns: list[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Lines of CSV, many in one piece. No field of these has a comma or a quote in it."""
    piece = [",".join(columns)]
    for row in rows:
        piece.append(",".join(_field(row[column]) for column in columns))
        if len(piece) >= ROWS:
            yield "\r\n".join(piece) + "\r\n"
            piece = []
    if piece:
        yield "\r\n".join(piece) + "\r\n"


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return repr(value) if isinstance(value, float) else str(value)
