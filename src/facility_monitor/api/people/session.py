"""Signing in and out, and what people change of themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from facility_monitor.api.auth import (
    BySession,
    SignedIn,
    client_address,
    drop_cookie,
    must_be_same_origin,
    set_cookie,
)
from facility_monitor.api.models import people as models
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.errors import InvalidInput, NotSignedIn
from facility_monitor.flows.people import people, sign_in
from facility_monitor.store import versioned
from facility_monitor.store.people import accounts
from facility_monitor.store.tables import person

router = APIRouter(tags=["session"])


@router.post(
    "/session",
    status_code=201,
    summary="Sign in",
    response_model=models.SignedIn,
    responses=documented(401, 403, 413, 422, 429, 503),
)
def begin_session(credentials: models.Credentials, request: Request, response: Response) -> sign_in.Session:
    """Sets the cookie and gives the token for those who do without. After 5 failures for a name, or 20 from an
    address, within 15 minutes there is no further try until some have passed."""
    parts = parts_of(request)
    must_be_same_origin(request, proof=False)
    lasts = timedelta(hours=parts.settings.session_hours)
    session = sign_in.sign_in(
        parts.database,
        credentials.username.lower(),
        credentials.password,
        client_address(request),
        lasts,
        parts.now(),
    )
    set_cookie(request, response, session.token, int(lasts.total_seconds()))
    return session


@router.get(
    "/session", summary="Who am I, and what may I do?", response_model=models.Session, responses=documented(401, 503)
)
def show_session(call: SignedIn) -> dict[str, Any]:
    with call.transaction() as tx:
        ends = None if call.principal.key_id else sign_in.session_ends(tx, call.credential)
    return {"person": call.person, "scopes": sorted(call.principal.scopes), "expires_at": ends}


@router.patch(
    "/session",
    summary="Change one's own name or language",
    response_model=models.Session,
    responses=documented(401, 403, 413, 422, 503),
)
def change_self(changes: models.OwnChanges, call: BySession) -> dict[str, Any]:
    with call.transaction() as tx:
        wanted = changes.given()
        if wanted:
            account = accounts.by_id(tx, call.person.id, call.now)
            if account is None:
                raise NotSignedIn("this person is gone")
            versioned.change(tx, person, call.person.id, account.version, wanted)
        after = accounts.by_id(tx, call.person.id, call.now)
        ends = sign_in.session_ends(tx, call.credential)
    return {
        "person": after.person if after else call.person,
        "scopes": sorted(call.principal.scopes),
        "expires_at": ends,
    }


@router.delete("/session", status_code=204, summary="Sign out", responses=documented(401, 403, 503))
def end_session(call: BySession, request: Request, response: Response) -> None:
    with call.transaction() as tx:
        sign_in.sign_out(tx, call.credential)
    drop_cookie(request, response)


@router.put(
    "/session/password",
    status_code=204,
    summary="Change one's own password",
    responses=documented(401, 403, 413, 422, 429, 503),
)
def change_own_password(change: models.OwnPassword, call: BySession, request: Request) -> None:
    """Ends all other sessions of this person, and the push subscriptions of all other phones, since one of them may be
    why. API keys stay: they are revoked one by one."""
    try:
        sign_in.check_password(
            call.database, call.person.username, change.current_password, client_address(request), call.now
        )
    except NotSignedIn:
        raise InvalidInput({"current_password": "is not the password"}) from None
    with call.transaction() as tx:
        people.set_password(
            tx, call.person.id, change.new_password, call.now, field="new_password", keep=call.credential
        )
