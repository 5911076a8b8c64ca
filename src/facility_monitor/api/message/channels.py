"""Where messages go: people's channels and those of other systems."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy import ColumnElement

from facility_monitor.api.auth import Call, SignedIn
from facility_monitor.api.models import channels as models
from facility_monitor.api.models.fields import BigPathId, PathId
from facility_monitor.api.models.shared import Page
from facility_monitor.api.pages import Part, by_id, id_of
from facility_monitor.api.problems import documented
from facility_monitor.api.versions import MadeFrom, tagged
from facility_monitor.domain.message import signature
from facility_monitor.domain.person import Scope
from facility_monitor.errors import Conflict, Forbidden, InvalidInput, NotFound
from facility_monitor.flows.message import announce, chat_address
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import channel, outbox, person, site
from facility_monitor.store.views import notices
from facility_monitor.store.views import people as views

router = APIRouter(prefix="/channels", tags=["channels"])
_NO_NEW_ADDRESS = {"console": "a console has none", "web_push": "a phone that has a new one subscribes anew"}
MOST_OWN = 20
"""Channels that people may have without asking an admin."""
_ORDER, _NOTICES = by_id("channels"), by_id("channel-notices")


def _mine(call: Call) -> list[ColumnElement[bool]]:
    """Everybody has their own channels; who manages people has all."""
    return [] if call.may(Scope.WRITE_PEOPLE) else [channel.c.person_id == call.person.id]


@router.get("", summary="Channels", response_model=Page[models.Channel], responses=documented(401, 403, 422, 503))
def list_channels(
    call: SignedIn, part: Part, person_id: Annotated[PathId | None, Query(alias="person")] = None
) -> dict[str, Any]:
    """One's own; with `write:people` all."""
    conditions = _mine(call)
    if person_id is not None:
        conditions.append(channel.c.person_id == person_id)
    (after,) = _ORDER.after(part) or (0,)
    with call.transaction() as tx:
        rows = views.channels(tx, *conditions, after=after, limit=part.limit + 1)
    return _ORDER.page(rows, part.limit, id_of)


def _own_only(call: Call) -> bool:
    """Whether the caller has a say in their own channels only. Raises Forbidden for an API key, which may be leaked."""
    if call.may(Scope.WRITE_PEOPLE):
        return False
    if call.principal.key_id is not None:
        raise Forbidden("not with an API key: sign in with a password, or as somebody with write:people")
    return True


@router.post(
    "",
    status_code=201,
    summary="Add a channel",
    response_model=models.ChannelWithSecret,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_channel(new: models.NewChannel, call: SignedIn, response: Response) -> dict[str, object]:
    """A webhook's secret is in the answer, this once: the receiver checks the signatures with it.

    Without `write:people` one of one's own, at a chat or phone service that everybody uses.
    """
    values = new.model_dump()
    if _own_only(call):
        if new.person_id != call.person.id or new.kind != "apprise":
            raise Forbidden("needs the scope write:people, but for a chat or phone service of one's own")
        chat_address.check_public(new.address)
    _check_address(new.kind, new.address)
    if new.kind == "webhook" and new.secret is None:
        values["secret"] = signature.secret(secrets.token_bytes(32))
    with call.transaction() as tx:
        if _own_only(call) and len(views.channels(tx, *_mine(call), limit=MOST_OWN)) == MOST_OWN:
            raise Conflict(f"{MOST_OWN} channels are enough for one person: change one of them")
        call.must_refer(tx, person_id=(person, new.person_id), site_id=(site, new.site_id))
        number = versioned.add(tx, channel, values)
        return tagged(response, {**_one(tx, call, number), "secret": values["secret"]})


@router.get(
    "/{channel_id}", summary="One channel", response_model=models.Channel, responses=documented(401, 404, 422, 503)
)
def show_channel(channel_id: PathId, call: SignedIn, response: Response) -> dict[str, object]:
    with call.transaction() as tx:
        return tagged(response, _one(tx, call, channel_id))


@router.patch(
    "/{channel_id}",
    summary="Change a channel",
    response_model=models.Channel,
    responses=documented(401, 403, 404, 412, 413, 422, 428, 503),
)
def change_channel(
    channel_id: PathId, changes: models.ChannelChanges, call: SignedIn, version: MadeFrom, response: Response
) -> dict[str, object]:
    """One's own; with `write:people` all."""
    wanted = changes.given()
    own_only = _own_only(call)
    with call.transaction() as tx:
        kind = _one(tx, call, channel_id)["kind"]
        if "address" in wanted:
            if own_only and kind == "apprise":
                chat_address.check_public(wanted["address"])
            elif own_only:
                raise Forbidden("needs the scope write:people: it leads to a server of its own")
            _check_address(kind, wanted["address"])
        if wanted.get("enabled"):
            wanted["ended"] = None
        versioned.change(tx, channel, channel_id, version, wanted)
        return tagged(response, _one(tx, call, channel_id))


@router.delete(
    "/{channel_id}",
    status_code=204,
    summary="Remove a channel that was never used",
    responses=documented(401, 403, 404, 409, 412, 422, 428, 503),
)
def remove_channel(channel_id: PathId, call: SignedIn, version: MadeFrom) -> None:
    """One that has carried messages stays on record: switch it off instead. One's own; with `write:people` all."""
    _own_only(call)
    with call.transaction() as tx:
        _one(tx, call, channel_id)
        versioned.remove(tx, channel, channel_id, version)


@router.post(
    "/{channel_id}/test",
    status_code=202,
    summary="Send a test message",
    response_model=models.Notice,
    responses=documented(401, 404, 409, 422, 503),
)
def try_channel(channel_id: PathId, call: SignedIn) -> dict[str, Any]:
    """Queued at once; what becomes of it is asked under `/channels/{channel_id}/notices/{id}`."""
    with call.transaction() as tx:
        _one(tx, call, channel_id)
        number = announce.test_notice(tx, channel_id, call.person, call.now)
        return notices.notices(tx, outbox.c.id == number, limit=1)[0]


@router.get(
    "/{channel_id}/notices",
    summary="The test messages of a channel",
    response_model=Page[models.Notice],
    responses=documented(401, 404, 422, 503),
)
def list_tests(channel_id: PathId, call: SignedIn, part: Part) -> dict[str, Any]:
    (after,) = _NOTICES.after(part) or (0,)
    with call.transaction() as tx:
        _one(tx, call, channel_id)
        tests = (outbox.c.channel_id == channel_id, outbox.c.ledger_id.is_(None))
        rows = notices.notices(tx, *tests, after=after, limit=part.limit + 1)
    return _NOTICES.page(rows, part.limit, id_of)


@router.get(
    "/{channel_id}/notices/{notice_id}",
    summary="What became of a test message",
    response_model=models.Notice,
    responses=documented(401, 404, 422, 503),
)
def show_test(channel_id: PathId, notice_id: BigPathId, call: SignedIn) -> dict[str, Any]:
    """Queued, sent, and on a phone delivered and opened; or failed, or tried so often, with the reason."""
    with call.transaction() as tx:
        _one(tx, call, channel_id)
        test = (outbox.c.id == notice_id, outbox.c.channel_id == channel_id, outbox.c.ledger_id.is_(None))
        rows = notices.notices(tx, *test, limit=1)
    if not rows:
        raise NotFound(f"test message {notice_id} of channel {channel_id}")
    return rows[0]


def _one(tx: Tx, call: Call, number: int) -> dict[str, Any]:
    rows = views.channels(tx, *_mine(call), channel.c.id == number)
    if not rows:
        raise NotFound(f"channel {number}")
    return rows[0]


def _check_address(kind: str, address: str) -> None:
    """Raises InvalidInput for what is no address of this kind."""
    if kind == "apprise":
        chat_address.check(address)
    elif kind == "webhook":
        try:
            models.webhook_url(address)
        except ValueError as wrong:
            raise InvalidInput({"address": str(wrong)}) from None
    elif address != "-" and kind in _NO_NEW_ADDRESS:
        raise InvalidInput({"address": _NO_NEW_ADDRESS[kind]})
