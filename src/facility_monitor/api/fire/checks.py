"""Checks of equipment: entered once, judged, never changed; and the forms by which they are made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Call, ReadsTests, WritesTests
from facility_monitor.api.fire.uploads import exhibits
from facility_monitor.api.models import upkeep as models
from facility_monitor.api.models.fields import BigPathId, Day, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part, whole
from facility_monitor.api.problems import documented
from facility_monitor.domain.fire.check import Check, Field, Form, Instrument, Signature
from facility_monitor.domain.limit import DatedLimit, applicable
from facility_monitor.errors import NotFound
from facility_monitor.flows.evidence import evidence
from facility_monitor.flows.fire import checks
from facility_monitor.flows.fire.checks import Draft
from facility_monitor.store import limits
from facility_monitor.store.database import Tx
from facility_monitor.store.fire import upkeep
from facility_monitor.store.tables import equipment_check
from facility_monitor.store.views import checks as views

router = APIRouter(tags=["checks"])
_NEWEST = Order("checks", datetime, int)


@router.get(
    "/check-forms",
    summary="Forms of checks",
    response_model=Page[models.CheckForm],
    responses=documented(401, 403, 422, 503),
)
def list_check_forms(
    call: ReadsTests, on: Annotated[Day | None, Query(description="in force on this day; default: all")] = None
) -> dict[str, Any]:
    """A phone may keep them, and judge by them at once: what holds is how the server judges, by the form and the limits
    of the day of the act."""
    day = on or call.now.date()
    with call.transaction() as tx:
        rows = limits.known(tx)
        return whole(
            [
                _form(each, rows, day, evidence.missing(tx, checks.RECORD, each.code, (), day))
                for each in upkeep.forms(tx)
                if on is None or each.in_force(on)
            ]
        )


def _form(form: Form, rows: list[DatedLimit], day: date, photos: Mapping[str, int]) -> dict[str, Any]:
    names = ("code", "name", "sheet", "kinds", "signatures", "standard", "clause", "grade")
    dates = ("effective_from", "effective_to")
    return {
        **{name: getattr(form, name) for name in (*names, *dates)},
        "fields": [_field(each) for each in form.fields],
        "derived": [each._asdict() for each in form.derived],
        "limits": [
            {"quantity": quantity, **limit.as_json()}
            for quantity in _quantities(form)
            for limit in applicable(rows, quantity, day, None, None)
        ],
        "photos": photos,
        "instrument": _entries(form.instrument),
    }


def _quantities(form: Form) -> list[str]:
    measured = {field.quantity for field in form.fields if field.quantity is not None}
    return sorted(measured | {derived.quantity for derived in form.derived})


def _field(field: Field) -> dict[str, Any]:
    names = ("name", "label", "type", "required", "unit", "quantity", "options", "good", "not_at")
    return {
        **{name: getattr(field, name) for name in names},
        "least": field.least if math.isfinite(field.least) else None,
        "most": field.most if math.isfinite(field.most) else None,
        "when": _entries(field.when),
    }


def _entries(found: tuple[str, tuple[str, ...]] | None) -> dict[str, list[str]] | None:
    return None if found is None else {found[0]: list(found[1])}


@router.get(
    "/checks",
    summary="Checks, newest first",
    response_model=Page[models.Check],
    responses=documented(401, 403, 422, 503),
)
def list_checks(
    call: ReadsTests,
    part: Part,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
) -> dict[str, Any]:
    """By the time of the act. One that was corrected names the check that has replaced it."""
    conditions = [] if site_id is None else [equipment_check.c.site_id == site_id]
    if equipment_id is not None:
        conditions.append(equipment_check.c.equipment_id == equipment_id)
    key = _NEWEST.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        rows = views.seen(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _NEWEST.page(rows, part.limit, lambda row: (row["performed_at"], row["id"]))


@router.post(
    "/checks",
    status_code=201,
    summary="Enter a check",
    response_model=models.Check,
    responses={
        200: {"model": models.Check, "description": "sent before"},
        **documented(401, 403, 404, 409, 413, 422, 503),
    },
)
def add_check(new: models.NewCheck, call: WritesTests, response: Response) -> dict[str, Any]:
    """Judged at once by the form and the limits of its day; one that fails opens a repair ticket, or joins the one that
    is open. What comes later than 24 hours after the act is a late entry (补录) and needs a reason. Sent again under
    the same client_id it is answered again, and kept once."""
    with call.transaction() as tx:
        recorded = checks.record(tx, _draft(new), call.sight, call.now)
        response.status_code = 201 if recorded.new else 200
        response.headers["Location"] = f"/api/v1/checks/{recorded.id}"
        return _check(tx, call, recorded.id)


def _draft(new: models.NewCheck) -> Draft:
    instrument = None if new.instrument is None else Instrument(**new.instrument.model_dump())
    check = Check(
        form=new.form,
        performed_at=new.performed_at,
        values=new.values,
        signatures=tuple(Signature(each.name, each.certificate_no) for each in new.signatures),
        instrument=instrument,
        remarks=new.remarks,
        alarm_ids=tuple(new.alarm_ids),
    )
    named = exhibits(new.photos, new.files)
    return Draft(new.client_id, new.equipment_id, check, named, new.corrects, new.reason)


@router.get(
    "/checks/{check_id}",
    summary="One check, with every verdict and its basis",
    response_model=models.Check,
    responses=documented(401, 403, 404, 422, 503),
)
def show_check(check_id: BigPathId, call: ReadsTests) -> dict[str, Any]:
    with call.transaction() as tx:
        return _check(tx, call, check_id)


def _check(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.seen(tx, call.sight, equipment_check.c.id == number)
    if not rows:
        raise NotFound(f"check {number}")
    return rows[0]
