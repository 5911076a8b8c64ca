"""People who may sign in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Call, ReadsPeople, WritesPeople
from facility_monitor.api.models import people as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.domain.person import Role
from facility_monitor.errors import NotFound
from facility_monitor.flows.people import people
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import person
from facility_monitor.store.views import people as views

router = APIRouter(prefix="/people", tags=["people"])
_ORDER = by_id("people")


@router.get("", summary="People", response_model=Page[models.PersonDetail], responses=documented(401, 403, 422, 503))
def list_people(
    call: ReadsPeople,
    part: Part,
    role: Annotated[Role | None, Query()] = None,
    disabled: Annotated[bool | None, Query()] = None,
) -> dict[str, Any]:
    conditions = [person.c.role == role] if role is not None else []
    if disabled is not None:
        conditions.append(person.c.disabled.is_(disabled))
    (after,) = _ORDER.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.people(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


@router.post(
    "",
    status_code=201,
    summary="Add a person",
    response_model=models.PersonDetail,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_person(new: models.NewPerson, call: WritesPeople, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        number = people.add_person(
            tx, new.username, new.name, new.role, new.password, new.locale, new.organisation_id, call.now
        )
        people.grant_sites(tx, number, new.site_ids)
        return tagged(response, _one(tx, call, number))


@router.get(
    "/{person_id}",
    summary="One person",
    response_model=models.PersonDetail,
    responses=documented(401, 403, 404, 422, 503),
)
def show_person(person_id: PathId, call: ReadsPeople, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, person_id))


@router.patch(
    "/{person_id}",
    summary="Change a person",
    response_model=models.PersonDetail,
    responses=documented(401, 403, 404, 409, 412, 413, 422, 428, 503),
)
def change_person(
    person_id: PathId, changes: models.PersonChanges, call: WritesPeople, version: MadeFrom, response: Response
) -> dict[str, object]:
    """Who is disabled is signed out everywhere at once; the API keys stop too. The last admin cannot be."""
    wanted = changes.given()
    sites = wanted.pop("site_ids", None)
    with call.transaction() as tx:
        call.must_see(tx, person, person_id)
        people.change_person(tx, person_id, version, wanted, call.now)
        if sites is not None:
            people.grant_sites(tx, person_id, sites)
        return tagged(response, _one(tx, call, person_id))


@router.put(
    "/{person_id}/password",
    status_code=204,
    summary="Give a person a new password",
    responses=documented(401, 403, 404, 413, 422, 503),
)
def set_password(person_id: PathId, new: models.NewPassword, call: WritesPeople) -> None:
    """Ends all sessions of that person; one's own stays where it is oneself."""
    with call.transaction() as tx:
        call.must_see(tx, person, person_id)
        keep = call.credential if person_id == call.person.id else None
        people.set_password(tx, person_id, new.password, call.now, keep=keep)


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.people(tx, call.sight, person.c.id == number)
    if not rows:
        raise NotFound(f"person {number}")
    return rows[0]
