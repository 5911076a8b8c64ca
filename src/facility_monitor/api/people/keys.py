"""API keys: for programs, each for one person and never for more than that person may do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from facility_monitor.api.auth import BySession
from facility_monitor.api.models import people as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import whole
from facility_monitor.api.problems import documented
from facility_monitor.domain.person import Scope
from facility_monitor.errors import NotFound
from facility_monitor.flows.people import sign_in
from facility_monitor.store.people import api_keys
from facility_monitor.store.tables import api_key

router = APIRouter(prefix="/keys", tags=["keys"])


@router.get("", summary="API keys", response_model=Page[models.Key], responses=documented(401, 403, 422, 503))
def list_keys(
    call: BySession, person_id: Annotated[PathId | None, Query(alias="person", description="default: oneself")] = None
) -> dict[str, Any]:
    """One's own; with `write:people` those of anybody."""
    asked = person_id or call.person.id
    if asked != call.person.id and not call.may(Scope.WRITE_PEOPLE):
        raise NotFound(f"person {asked}")
    with call.transaction() as tx:
        return whole(api_keys.shown(tx, api_key.c.person_id == asked))


@router.post(
    "",
    status_code=201,
    summary="Make an API key for oneself",
    response_model=models.KeyWithSecret,
    responses=documented(401, 403, 413, 422, 503),
)
def add_key(new: models.NewKey, call: BySession) -> dict[str, Any]:
    """The answer holds the secret, this once. A scope that the owner's role loses later, the key loses too."""
    with call.transaction() as tx:
        number, secret = sign_in.make_key(tx, call.person, new.name, new.scopes, new.expires_at, call.now)
        return {**api_keys.shown(tx, api_key.c.id == number)[0], "secret": secret}


@router.delete("/{key_id}", status_code=204, summary="Revoke an API key", responses=documented(401, 403, 404, 422, 503))
def revoke_key(key_id: Annotated[str, Path(pattern="^[0-9a-f]{1,64}$")], call: BySession) -> None:
    """It stops at once. Doing it twice is the same as once."""
    with call.transaction() as tx:
        found = api_keys.shown(tx, api_key.c.id == key_id)
        mine = found and (found[0]["person_id"] == call.person.id or call.may(Scope.WRITE_PEOPLE))
        if not mine:
            raise NotFound(f"key {key_id}")
        api_keys.revoke(tx, key_id, call.now)
