"""Who is asking, and whether they may: a session's cookie, or a session's token or an API key as Bearer."""

from __future__ import annotations

import ipaddress
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from sqlalchemy import Table

from facility_monitor.api.guard import promise
from facility_monitor.api.parts import parts_of
from facility_monitor.domain.person import Person, Principal, Scope
from facility_monitor.errors import Forbidden, NotSignedIn, TooMany
from facility_monitor.flows.people import sign_in
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.sight import Sight
from facility_monitor.store.views import seen

COOKIE = "fm_session"
_READING = ("GET", "HEAD", "OPTIONS")

_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="an API key, or the token of a session")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="cookie", description="set by POST /session")


@dataclass(frozen=True, slots=True)
class Call:
    """One request of somebody who is signed in. ``credential`` is what they signed in with: never log it."""

    principal: Principal
    credential: str
    now: datetime
    database: Database

    @property
    def person(self) -> Person:
        return self.principal.person

    @property
    def sight(self) -> Sight:
        """What the caller sees."""
        return Sight(self.person, self.now)

    def may(self, scope: Scope) -> bool:
        return scope in self.principal.scopes

    def transaction(self) -> AbstractContextManager[Tx]:
        """One transaction; raises Unavailable."""
        return self.database.transaction()

    def must_see(self, tx: Tx, table: Table, number: int) -> None:
        """Raises NotFound where the caller does not see this row."""
        seen.must_see(tx, self.sight, table, number)

    def must_refer(self, tx: Tx, **references: tuple[Table, int | None]) -> None:
        """Raises InvalidInput naming each field that refers to a row which the caller does not see."""
        seen.must_refer(tx, self.sight, references)

    def must_see_all_sites(self, tx: Tx, what: str) -> None:
        """Raises Forbidden where some site is hidden from the caller, since ``what`` holds for all."""
        if not seen.sees_all_sites(tx, self.sight):
            raise Forbidden(f"{what} for every site: only somebody who sees all sites may do this")


def _call(
    needed: SecurityScopes,
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> Call:
    parts = parts_of(request)
    # Authorization counts alone: who sends one means it, whatever cookie the browser adds.
    credential = bearer.credentials if bearer is not None else None
    if credential is None and "authorization" not in request.headers:
        credential = cookie
    if not credential:
        raise NotSignedIn("sign in first: POST /api/v1/session, or send an API key as Bearer")
    now = parts.now()
    with parts.database.transaction() as tx:
        principal = sign_in.identify(tx, credential, now)
    if principal is None:
        raise NotSignedIn("the session or API key is unknown, has expired or was ended")
    if bearer is None:
        must_be_same_origin(request)
    missing = [scope for scope in needed.scopes if scope not in principal.scopes]
    if missing:
        raise Forbidden(f"needs the scope {', '.join(missing)}")
    return Call(principal, credential, now, parts.database)


def _by_session(call: Annotated[Call, Security(_call)]) -> Call:
    if call.principal.key_id is not None:
        raise Forbidden("not with an API key: sign in with a password")
    return call


def must_be_same_origin(request: Request, *, proof: bool = True) -> None:
    """Raises Forbidden for a change that another site's page has sent with this browser's cookie.

    Browsers say where a request comes from; with ``proof`` one that says nothing is refused too.
    """
    if request.method in _READING:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        same = site == "same-origin"
    elif origin is not None:
        # Host against host: behind a proxy that ends TLS the scheme is not ours.
        same = urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    else:
        same = not proof
    if not same:
        raise Forbidden("a change by cookie must come from the app's own pages (Origin); programs use Bearer")


def client_address(request: Request) -> str:
    """Where a request comes from, for counting: of IPv6 the network, since a client has the whole of it."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else host


def set_cookie(request: Request, response: Response, token: str, lasts_s: int) -> None:
    """Give the browser a session's cookie, out of reach of scripts and of other sites."""
    response.set_cookie(
        COOKIE, token, max_age=lasts_s, path="/", httponly=True, samesite="strict", secure=_is_https(request)
    )


def drop_cookie(request: Request, response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=_is_https(request))


def _is_https(request: Request) -> bool:
    public = urlsplit(parts_of(request).settings.public_url or "")
    behind = public.scheme == "https" and public.netloc.lower() == request.headers.get("host", "").lower()
    return request.url.scheme == "https" or behind


SignedIn = Annotated[Call, Security(_call)]
"""Anybody who is signed in, by whatever means."""
BySession = Annotated[Call, Security(_by_session)]
"""Somebody who has typed a password: a leaked key must not be able to make more of itself."""
ReadsPlant = Annotated[Call, Security(_call, scopes=[Scope.READ_PLANT])]
WritesPlant = Annotated[Call, Security(_call, scopes=[Scope.WRITE_PLANT])]
ReadsRules = Annotated[Call, Security(_call, scopes=[Scope.READ_RULES])]
WritesRules = Annotated[Call, Security(_call, scopes=[Scope.WRITE_RULES])]
ReadsAlarms = Annotated[Call, Security(_call, scopes=[Scope.READ_ALARMS])]
Acknowledges = Annotated[Call, Security(_call, scopes=[Scope.ACKNOWLEDGE_ALARMS])]
ReadsTickets = Annotated[Call, Security(_call, scopes=[Scope.READ_TICKETS])]
WorksTickets = Annotated[Call, Security(_call, scopes=[Scope.WORK_TICKETS])]
SignsTickets = Annotated[Call, Security(_by_session, scopes=[Scope.WORK_TICKETS])]
ReadsIngest = Annotated[Call, Security(_call, scopes=[Scope.READ_INGEST])]
ReadsPeople = Annotated[Call, Security(_call, scopes=[Scope.READ_PEOPLE])]
WritesPeople = Annotated[Call, Security(_call, scopes=[Scope.WRITE_PEOPLE])]
WritesDuty = Annotated[Call, Security(_call, scopes=[Scope.WRITE_DUTY])]
ReadsTests = Annotated[Call, Security(_call, scopes=[Scope.READ_TESTS])]
WritesTests = Annotated[Call, Security(_call, scopes=[Scope.WRITE_TESTS])]
ReadsCosts = Annotated[Call, Security(_call, scopes=[Scope.READ_COSTS])]

ReadsPhotos = Annotated[Call, Security(_call, scopes=[Scope.READ_PHOTOS])]
WritesPhotos = Annotated[Call, Security(_call, scopes=[Scope.WRITE_PHOTOS])]


def _counted(call: WritesTests, request: Request) -> Call:
    standing = parts_of(request).quota.take(call.principal.key_id or f"person {call.person.id}", call.now)
    promise(request, standing.headers())
    if standing.wait_s:
        raise TooMany(f"at most {standing.limit} requests a minute", standing.wait_s)
    return call


PostsTests = Annotated[Call, Depends(_counted)]
"""Somebody who may post tests, and has not done so too often."""
