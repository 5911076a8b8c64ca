"""Contractors' firms, and which equipment their contracts cover."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from facility_monitor.api.auth import Call, ReadsPlant, WritesPeople
from facility_monitor.api.models import people as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.errors import InvalidInput, NotFound
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import contract, organisation, site
from facility_monitor.store.views import equipment as kinds
from facility_monitor.store.views import people as views

router = APIRouter(tags=["organisations"])
_ORGANISATIONS, _CONTRACTS = by_id("organisations"), by_id("contracts")


@router.get(
    "/organisations",
    summary="Organisations",
    response_model=Page[models.Organisation],
    responses=documented(401, 403, 422, 503),
)
def list_organisations(call: ReadsPlant, part: Part) -> dict[str, Any]:
    """One's own, and those with a contract at a site that one sees."""
    (after,) = _ORGANISATIONS.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.organisations(tx, call.sight, after=after, limit=part.limit + 1)
    return _ORGANISATIONS.page(rows, part.limit, id_of)


@router.post(
    "/organisations",
    status_code=201,
    summary="Add an organisation",
    response_model=models.Organisation,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_organisation(new: models.NewOrganisation, call: WritesPeople, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        number = versioned.add(tx, organisation, new.model_dump())
        return tagged(response, _organisation(tx, call, number))


@router.get(
    "/organisations/{organisation_id}",
    summary="One organisation",
    response_model=models.Organisation,
    responses=documented(401, 403, 404, 422, 503),
)
def show_organisation(organisation_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _organisation(tx, call, organisation_id))


@router.patch(
    "/organisations/{organisation_id}",
    summary="Change an organisation",
    response_model=models.Organisation,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_organisation(
    organisation_id: PathId,
    changes: models.OrganisationChanges,
    call: WritesPeople,
    version: MadeFrom,
    response: Response,
) -> dict[str, object]:
    with call.transaction() as tx:
        call.must_see(tx, organisation, organisation_id)
        versioned.change(tx, organisation, organisation_id, version, changes.given())
        return tagged(response, _organisation(tx, call, organisation_id))


def _organisation(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.organisations(tx, call.sight, organisation.c.id == number)
    if not rows:
        raise NotFound(f"organisation {number}")
    return rows[0]


@router.get(
    "/contracts",
    summary="Contracts",
    response_model=Page[models.Contract],
    responses=documented(401, 403, 422, 503),
)
def list_contracts(
    call: ReadsPlant,
    part: Part,
    site_id: Annotated[PathId | None, Query(alias="site")] = None,
    organisation_id: Annotated[PathId | None, Query(alias="organisation")] = None,
) -> dict[str, Any]:
    """A contractor sees its own, past and future ones too."""
    conditions = [] if site_id is None else [contract.c.site_id == site_id]
    if organisation_id is not None:
        conditions.append(contract.c.organisation_id == organisation_id)
    (after,) = _CONTRACTS.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.contracts(tx, call.sight, *conditions, after=after, limit=part.limit + 1)
    return _CONTRACTS.page(rows, part.limit, id_of)


@router.post(
    "/contracts",
    status_code=201,
    summary="Add a contract",
    response_model=models.Contract,
    responses=documented(401, 403, 413, 422, 503),
)
def add_contract(new: models.NewContract, call: WritesPeople, response: Response) -> dict[str, object]:
    """From its first day on, the organisation's people see the equipment that it covers."""
    with call.transaction() as tx:
        call.must_refer(tx, organisation_id=(organisation, new.organisation_id), site_id=(site, new.site_id))
        kinds.must_be_kind(tx, new.equipment_kind, "equipment_kind")
        number = versioned.add(tx, contract, new.model_dump())
        return tagged(response, _contract(tx, call, number))


@router.get(
    "/contracts/{contract_id}",
    summary="One contract",
    response_model=models.Contract,
    responses=documented(401, 403, 404, 422, 503),
)
def show_contract(contract_id: PathId, call: ReadsPlant, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _contract(tx, call, contract_id))


@router.patch(
    "/contracts/{contract_id}",
    summary="End or prolong a contract",
    response_model=models.Contract,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_contract(
    contract_id: PathId, changes: models.ContractChanges, call: WritesPeople, version: MadeFrom, response: Response
) -> dict[str, object]:
    with call.transaction() as tx:
        standing = _contract(tx, call, contract_id)
        if changes.ends_on is not None and changes.ends_on < standing["starts_on"]:
            raise InvalidInput({"ends_on": "must not lie before starts_on"})
        versioned.change(tx, contract, contract_id, version, changes.given())
        return tagged(response, _contract(tx, call, contract_id))


def _contract(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.contracts(tx, call.sight, contract.c.id == number)
    if not rows:
        raise NotFound(f"contract {number}")
    return rows[0]
