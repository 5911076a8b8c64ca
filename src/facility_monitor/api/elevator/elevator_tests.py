"""The tests that contractors post of elevators: one, many, or a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Depends, Header, Query, Response
from pydantic import BaseModel, ValidationError

from facility_monitor.api.auth import Call, PostsTests, ReadsTests
from facility_monitor.api.downloads import BINARY
from facility_monitor.api.elevator import elevator_file
from facility_monitor.api.elevator.elevator_file import Sheet
from facility_monitor.api.elevator.elevators import the_elevator
from facility_monitor.api.fire.uploads import exhibits
from facility_monitor.api.models import elevators as models
from facility_monitor.api.models.fields import BigPathId, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part
from facility_monitor.api.problems import KINDS, documented, language, said
from facility_monitor.api.retries import Attempts
from facility_monitor.catalogue import said_problem
from facility_monitor.domain.elevator.elevator import (
    CAR_ITEMS,
    CLEAR_WIDTH,
    FLOOR_ITEMS,
    SPEED,
    Door,
    ElevatorTest,
    Floor,
    Item,
    Worker,
)
from facility_monitor.errors import Conflict, FacilityMonitorError, InvalidInput, NotFound
from facility_monitor.flows.elevator import elevator_tests
from facility_monitor.flows.elevator.elevator_tests import Draft
from facility_monitor.sheets import xlsx
from facility_monitor.store import limits
from facility_monitor.store.database import Tx
from facility_monitor.store.elevator import elevator_tests as kept
from facility_monitor.store.tables import elevator_test
from facility_monitor.store.views import elevators as views

router = APIRouter(tags=["elevator-tests"])
_NEWEST = Order("elevator-tests", datetime, int)


def _asked(accepted: Annotated[str | None, Header(alias="Accept-Language", include_in_schema=False)] = None) -> str:
    return language(accepted)


Asked = Annotated[str, Depends(_asked)]
"""The language that the request asks for, zh-CN or en."""


@router.get(
    "/elevators/{elevator_id}/tests",
    summary="Tests of an elevator, newest first",
    response_model=Page[models.ElevatorTestSummary],
    responses=documented(401, 403, 404, 422, 503),
)
def list_elevator_tests(elevator_id: PathId, call: ReadsTests, part: Part) -> dict[str, Any]:
    """By the time at which they were made. A test that was corrected names the one that has replaced it."""
    key = _NEWEST.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        the_elevator(tx, call, elevator_id)
        of_elevator = elevator_test.c.equipment_id == elevator_id
        rows = views.summaries(tx, call.sight, of_elevator, after=after, limit=part.limit + 1)
    return _NEWEST.page(rows, part.limit, lambda row: (row["performed_at"], row["id"]))


@router.post(
    "/elevators/{elevator_id}/tests",
    status_code=201,
    summary="Post a test of an elevator",
    response_model=models.ElevatorTest,
    responses=documented(401, 403, 404, 409, 413, 422, 429, 503),
)
def add_elevator_test(
    elevator_id: PathId, new: models.NewElevatorTest, call: PostsTests, attempt: Attempts
) -> Response:
    """Judged floor by floor by the limits in force on the day of the test. One that fails opens a repair ticket, or
    joins the one that is open. What is not in order is refused as a whole, with the path of each field. The same test
    twice is a conflict. At most 60 requests a minute."""
    with call.transaction() as tx:
        repeated = attempt.answered(tx, call)
        if repeated is not None:
            return repeated
        (outcome,) = elevator_tests.record(tx, [_draft(elevator_id, new)], call.sight, call.principal.key_id, call.now)
        if isinstance(outcome, FacilityMonitorError):
            raise outcome
        shown = models.ElevatorTest.model_validate(_test(tx, call, outcome))
        return attempt.answer(tx, call, 201, shown.model_dump_json(), f"/api/v1/elevator-tests/{outcome}")


@router.post(
    "/elevator-tests:batch",
    summary="Post many tests",
    response_model=models.ManyAnswers,
    responses=documented(401, 403, 413, 422, 429, 503),
)
def add_elevator_tests(new: models.ElevatorTests, call: PostsTests, attempt: Attempts, locale: Asked) -> Response:
    """Each is accepted or refused by itself, and the answer says which; it is 200 also where all are refused. To send
    a batch again does no harm: what is known already is refused as such."""
    with call.transaction() as tx:
        repeated = attempt.answered(tx, call)
        return repeated or attempt.answer(
            tx, call, 200, _record(tx, call, [_listed(each) for each in new.tests], locale)
        )


@router.post(
    "/elevator-tests:csv",
    summary="Upload tests as CSV",
    response_model=models.ManyAnswers,
    responses=documented(401, 403, 413, 422, 429, 503),
)
def upload_elevator_tests(
    file: Annotated[bytes, Body(media_type="text/csv", description="as made from the template")],
    call: PostsTests,
    attempt: Attempts,
    locale: Asked,
) -> Response:
    """A line for each floor, in UTF-8 or GB 18030; lines with the same elevator and time are one test. What is said of
    the whole test (workers, door, speed) is enough on one of its lines. A time without an offset is that at the
    elevator. Answered as a batch is, with line numbers."""
    return _upload(file, call, attempt, locale)


@router.post(
    "/elevator-tests:xlsx",
    summary="Upload tests as XLSX",
    response_model=models.ManyAnswers,
    responses=documented(401, 403, 413, 422, 429, 503),
)
def upload_elevator_test_workbook(
    file: Annotated[bytes, Body(media_type=xlsx.MEDIA_TYPE, description="as made from the template")],
    call: PostsTests,
    attempt: Attempts,
    locale: Asked,
) -> Response:
    """The sheet `tests` of a workbook, or its first where none is called so, read and answered as CSV is."""
    return _upload(file, call, attempt, locale)


def _upload(file: bytes, call: Call, attempt: Attempts, locale: str) -> Response:
    sheets = elevator_file.read(file)
    if len(sheets) > models.MOST_TESTS:
        raise InvalidInput({"body": f"holds {len(sheets)} tests; at most {models.MOST_TESTS} in one file"})
    with call.transaction() as tx:
        repeated = attempt.answered(tx, call)
        if repeated is not None:
            return repeated
        found = kept.lock_elevators(tx, call.sight, {number for each in sheets if (number := each.elevator_id)})
        zones = {number: ZoneInfo(elevator.timezone) for number, elevator in found.items()}
        drafts = [_of_sheet(each, zones) for each in sheets]
        return attempt.answer(tx, call, 200, _record(tx, call, drafts, locale, sheets))


@router.get(
    "/elevator-tests/template.{kind}",
    summary="An empty file for the upload",
    response_class=Response,
    responses={
        200: {
            "description": "CSV or XLSX",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                xlsx.MEDIA_TYPE: {"schema": BINARY},
            },
        },
        **documented(401, 403, 404, 422, 503),
    },
)
def show_test_template(
    kind: Literal["csv", "xlsx"],
    call: ReadsTests,
    elevator_id: Annotated[PathId | None, Query(alias="elevator", description="with a line for each floor")] = None,
) -> Response:
    rows: list[tuple[int, str]] = []
    if elevator_id is not None:
        with call.transaction() as tx:
            floors = the_elevator(tx, call, elevator_id)["floors"]
        rows = [(elevator_id, floor) for floor in floors or ()]
    headers = {"Content-Disposition": f'attachment; filename="elevator-tests.{kind}"'}
    if kind == "csv":
        return Response(elevator_file.template_csv(rows), headers=headers, media_type="text/csv; charset=utf-8")
    return Response(elevator_file.template_xlsx(rows), headers=headers, media_type=xlsx.MEDIA_TYPE)


@router.get(
    "/elevator-tests/form",
    summary="What a form for tests needs to know",
    response_model=models.TestForm,
    responses=documented(401, 403, 503),
)
def show_test_form(call: ReadsTests) -> dict[str, Any]:
    """The fields with their bounds, and the dated limits of what they measure, to judge while somebody types."""
    fields = {
        "floor": _fields(FLOOR_ITEMS),
        "car": _fields(CAR_ITEMS),
        "door": _fields({"door.clear_width_mm": CLEAR_WIDTH}),
    }
    quantities = {SPEED[0], *(each["quantity"] for group in fields.values() for each in group)}
    with call.transaction() as tx:
        known = [each for each in limits.shown(tx, None, None) if each["quantity"] in quantities]
    return {**fields, "limits": known}


def _fields(items: Mapping[str, Item]) -> list[dict[str, Any]]:
    return [
        {
            "field": name,
            **{key: getattr(item, key) for key in ("quantity", "unit", "least", "most")},
            "mistaken": [{"unit": unit, "factor": factor} for unit, factor in item.mistaken],
        }
        for name, item in items.items()
    ]


@router.get(
    "/elevator-tests/{test_id}",
    summary="One test, with every value and its limit",
    response_model=models.ElevatorTest,
    responses=documented(401, 403, 404, 422, 503),
)
def show_elevator_test(test_id: BigPathId, call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        return _test(tx, call, test_id)


def _test(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    found = views.one(tx, call.sight, number)
    if found is None:
        raise NotFound(f"elevator test {number}")
    return found


def _draft(elevator_id: int, new: models.NewElevatorTest) -> Draft:
    floors = tuple(Floor(each.floor, _given(each, "floor")) for each in new.floors)
    car = {
        f"{part}.{name}": value
        for part, measured in (("speed", new.speed), ("vibration", new.vibration))
        if measured is not None
        for name, value in _given(measured).items()
    }
    test = ElevatorTest(
        performed_at=new.performed_at,
        workers=tuple(Worker(each.name, each.certificate_no) for each in new.workers),
        floors=floors,
        door=None if new.door is None else Door(new.door.type, new.door.clear_width_mm),
        car=car,
        remarks=new.remarks,
    )
    return Draft(elevator_id, test, new.corrects, new.reason, exhibits(new.photos, new.files))


def _given(measured: BaseModel, *but: str) -> dict[str, float]:
    return measured.model_dump(exclude_none=True, exclude=set(but))


def _listed(row: object) -> Draft | InvalidInput:
    """One test of many, which FastAPI has not looked into."""
    try:
        new = models.ListedElevatorTest.model_validate(row)
    except ValidationError as error:
        fields: dict[str, str] = {}
        for each in error.errors(include_url=False):
            path = ".".join(map(str, each["loc"])) or "test"
            fields.setdefault(path, said(each))
        return InvalidInput(fields)
    return _draft(new.elevator_id, new)


def _of_sheet(sheet: Sheet, zones: Mapping[int, ZoneInfo]) -> Draft | InvalidInput:
    """One test of a file. Where its lines cannot be read as one, nothing else is asked."""
    return InvalidInput(sheet.unreadable) if sheet.unreadable else _listed(sheet.request(zones))


def _record(tx: Tx, call: Call, read: Sequence[Draft | InvalidInput], locale: str, sheets: Sequence[Sheet] = ()) -> str:
    """Record what can be; the answer for all, as JSON, with what was refused in the language of the reader."""
    drafts = [each for each in read if isinstance(each, Draft)]
    recorded = iter(elevator_tests.record(tx, drafts, call.sight, call.principal.key_id, call.now))
    outcome = [next(recorded) if isinstance(each, Draft) else each for each in read]
    numbers = [each for each in outcome if isinstance(each, int)]
    shown = {
        row["id"]: row for row in views.summaries(tx, call.sight, elevator_test.c.id.in_(numbers), limit=len(numbers))
    }
    items = []
    for index, each in enumerate(outcome):
        sheet = sheets[index] if sheets else None
        accepted = isinstance(each, int)
        items.append(
            {
                "index": index,
                "lines": sheet.lines if sheet else None,
                "accepted": accepted,
                "test": shown[each] if isinstance(each, int) else None,
                "problem": None if isinstance(each, int) else _problem(each, sheet, locale),
            }
        )
    answer = {"accepted": len(numbers), "refused": len(outcome) - len(numbers), "items": items}
    return models.ManyAnswers.model_validate(answer).model_dump_json()


def _problem(error: FacilityMonitorError, sheet: Sheet | None, locale: str) -> dict[str, Any]:
    kind = KINDS[type(error)]
    problem: dict[str, Any] = {"status": kind.status, "title": said_problem(kind.title, locale)}
    fields = error.fields if isinstance(error, InvalidInput) else {}
    if isinstance(error, NotFound):
        fields = {"elevator_id": "no such elevator, or none that your contract covers"}
    if isinstance(error, Conflict):
        problem["existing"] = error.existing
    if not fields:
        return {**problem, "detail": said_problem(str(error), locale)}
    errors: list[dict[str, Any]] = [{"field": field, "message": message} for field, message in fields.items()]
    if sheet is not None:
        for each in errors:
            each["line"], each["field"] = sheet.place(each["field"])
            each["message"] = sheet.in_lines(each["message"])
    for each in errors:
        each["message"] = said_problem(each["message"], locale)
    where = _PLACE[locale] if sheet is not None else "{field}: {message}"
    return {**problem, "errors": errors, "detail": _BETWEEN[locale].join(where.format_map(each) for each in errors)}


_BETWEEN = {"en": "; ", "zh-CN": "；"}
_PLACE = {"en": "line {line}, {field}: {message}", "zh-CN": "第 {line} 行 {field}：{message}"}
