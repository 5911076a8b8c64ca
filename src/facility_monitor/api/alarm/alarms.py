"""Alarms: what is wrong now and was before, who has taken it, and who was told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Acknowledges, Call, ReadsAlarms
from facility_monitor.api.models import alarms as models
from facility_monitor.api.models import quiet
from facility_monitor.api.models.channels import Notice
from facility_monitor.api.models.fields import BigPathId, PathId, Time
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Order, Part, by_id, id_of, whole
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import tagged
from facility_monitor.domain.alarm.alarm import LIVE, AlarmState
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.errors import NotFound
from facility_monitor.flows.alarm import alarms, shelving
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import alarm, ledger, outbox
from facility_monitor.store.views import alarms as views
from facility_monitor.store.views import ledger as entries
from facility_monitor.store.views import notices

router = APIRouter(prefix="/alarms", tags=["alarms"])
_ALARMS, _LEDGER, _NOTICES = Order("alarms", datetime, int), by_id("alarm-ledger"), by_id("alarm-notices")
_OCCURRENCES = by_id("alarm-occurrences")

States = Annotated[
    list[AlarmState | Literal["live"]],
    Query(alias="state", max_length=8, description="may be repeated; `live` is all that is not cleared"),
]
Severities = Annotated[list[Severity], Query(alias="severity", max_length=8)]


def filter_of(
    states: Collection[AlarmState | str],
    severities: Collection[Severity],
    site_id: int | None,
    equipment_id: int | None,
    start: datetime | None,
    end: datetime | None,
) -> views.Filter:
    """What a list or a file of alarms is asked for."""
    return views.Filter(
        states={state for each in states for state in (LIVE if each == "live" else (AlarmState(each),))},
        severities=set(severities),
        site_id=site_id,
        equipment_id=equipment_id,
        start=start,
        end=end,
    )


@router.get(
    "",
    summary="Alarms, newest raise first",
    response_model=Page[models.Alarm],
    responses=documented(401, 403, 422, 503),
)
def list_alarms(
    call: ReadsAlarms,
    part: Part,
    states: States = [],  # noqa: B006 - FastAPI copies it
    severities: Severities = [],  # noqa: B006
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    equipment_id: Annotated[PathId | None, Query(alias="equipment")] = None,
    start: Annotated[Time | None, Query(alias="from", description="raised then or later")] = None,
    end: Annotated[Time | None, Query(alias="to", description="raised before")] = None,
) -> dict[str, Any]:
    wanted = filter_of(states, severities, site_id, equipment_id, start, end)
    key = _ALARMS.after(part)
    after = None if key is None else (key[0], key[1])
    with call.transaction() as tx:
        rows = views.alarms(tx, call.sight, wanted, after, part.limit + 1)
    return _ALARMS.page(rows, part.limit, lambda row: (row["raised_at"], row["id"]))


@router.get(
    "/{alarm_id}", summary="One alarm", response_model=models.Alarm, responses=documented(401, 403, 404, 422, 503)
)
def show_alarm(alarm_id: BigPathId, call: ReadsAlarms, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, alarm_id))


@router.post(
    "/{alarm_id}/acknowledge",
    summary="Take an alarm",
    response_model=models.Alarm,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def acknowledge_alarm(
    alarm_id: BigPathId, call: Acknowledges, response: Response, said: models.Acknowledgement | None = None
) -> dict[str, object]:
    """Whoever acknowledges says: I have seen it and take it. One that is acknowledged already stays as it is. What a
    phone kept for want of a network bears the time of the act, and is refused where the alarm has come again since."""
    said = said or models.Acknowledgement()
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        alarms.acknowledge(tx, alarm_id, call.person, said.comment, call.now, said.acted_at)
        return tagged(response, _one(tx, call, alarm_id))


@router.post(
    "/{alarm_id}/reset",
    summary="Reset a latched alarm",
    response_model=models.Alarm,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def reset_alarm(alarm_id: BigPathId, said: quiet.Reason, call: Acknowledges, response: Response) -> dict[str, object]:
    """Once its condition has ended and somebody has acknowledged it. One that was reset already stays as it is."""
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        alarms.reset(tx, alarm_id, call.person, said.reason, call.now)
        return tagged(response, _one(tx, call, alarm_id))


@router.post(
    "/{alarm_id}/shelve",
    summary="Put an alarm away for a while",
    response_model=models.Alarm,
    responses=documented(401, 403, 404, 409, 413, 422, 503),
)
def shelve_alarm(
    alarm_id: BigPathId, new: quiet.NewShelving, call: Acknowledges, response: Response
) -> dict[str, object]:
    """It is judged and logged all the same; what still holds at the end is announced then. An alarm of life safety is
    shelved only when a second person confirms it. Asking again for the same changes nothing."""
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        shelving.shelve(tx, alarm_id, new.kind, new.until, new.reason, call.person, call.now)
        return tagged(response, _one(tx, call, alarm_id))


@router.post(
    "/{alarm_id}/shelve/confirm",
    summary="Confirm as the second person that an alarm of life safety is shelved",
    response_model=models.Alarm,
    responses=documented(401, 403, 404, 409, 422, 503),
)
def confirm_shelving(alarm_id: BigPathId, call: Acknowledges, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        shelving.confirm(tx, alarm_id, call.person, call.now)
        return tagged(response, _one(tx, call, alarm_id))


@router.post(
    "/{alarm_id}/unshelve",
    summary="Take a shelved alarm back",
    response_model=models.Alarm,
    responses=documented(401, 403, 404, 413, 422, 503),
)
def unshelve_alarm(
    alarm_id: BigPathId, call: Acknowledges, response: Response, said: quiet.Comment | None = None
) -> dict[str, object]:
    """Also takes back a request that nobody has confirmed yet. One that is not shelved stays as it is."""
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        shelving.unshelve(tx, alarm_id, call.person, said.reason if said else None, call.now)
        return tagged(response, _one(tx, call, alarm_id))


@router.get(
    "/{alarm_id}/occurrences",
    summary="Every raise of an alarm, the first one first",
    response_model=Page[models.Occurrence],
    responses=documented(401, 403, 404, 422, 503),
)
def list_occurrences(alarm_id: BigPathId, call: ReadsAlarms, part: Part) -> dict[str, Any]:
    (after,) = _OCCURRENCES.after(part) or (0,)
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        rows = views.occurrences(tx, alarm_id, after, part.limit + 1)
    return _OCCURRENCES.page(rows, part.limit, lambda row: (row["number"],))


@router.get(
    "/{alarm_id}/related",
    summary="The alarms that came together with one at its equipment, first out first",
    response_model=Page[models.Alarm],
    responses=documented(401, 403, 404, 422, 503),
)
def list_related(alarm_id: BigPathId, call: ReadsAlarms) -> dict[str, Any]:
    """Itself included; at most 200."""
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        return whole(views.episode(tx, call.sight, alarm_id))


@router.get(
    "/{alarm_id}/ledger",
    summary="What happened to an alarm, in order",
    response_model=Page[models.LedgerEntry],
    responses=documented(401, 403, 404, 422, 503),
)
def list_alarm_ledger(alarm_id: BigPathId, call: ReadsAlarms, part: Part) -> dict[str, Any]:
    (after,) = _LEDGER.after(part) or (0,)
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        rows = entries.entries(tx, call.sight, ledger.c.alarm_id == alarm_id, after=after, limit=part.limit + 1)
    return _LEDGER.page(rows, part.limit, id_of)


@router.get(
    "/{alarm_id}/notices",
    summary="Who was told of an alarm, how, and what became of it",
    response_model=Page[Notice],
    responses=documented(401, 403, 404, 422, 503),
)
def list_alarm_notices(alarm_id: BigPathId, call: ReadsAlarms, part: Part) -> dict[str, Any]:
    (after,) = _NOTICES.after(part) or (0,)
    with call.transaction() as tx:
        call.must_see(tx, alarm, alarm_id)
        rows = notices.notices(tx, outbox.c.alarm_id == alarm_id, after=after, limit=part.limit + 1)
    return _NOTICES.page(rows, part.limit, id_of)


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    found = views.one(tx, call.sight, number)
    if found is None:
        raise NotFound(f"alarm {number}")
    return found
