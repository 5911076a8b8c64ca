"""Web Push: how a browser or an installed app makes itself a channel of whoever is signed in there."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from facility_monitor.api.auth import SignedIn
from facility_monitor.api.models import channels as models
from facility_monitor.api.models.fields import PathId
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.message.subscription import BadSubscription, subscription
from facility_monitor.errors import InvalidInput
from facility_monitor.flows.message import subscribe
from facility_monitor.flows.people import service_keys
from facility_monitor.store.tables import channel
from facility_monitor.store.views import people as views

router = APIRouter(prefix="/push", tags=["channels"])


@router.get("/key", summary="The key to subscribe with", response_model=models.PushKey, responses=documented(401, 503))
def show_push_key(call: SignedIn) -> dict[str, str]:
    """The same for all, for ever: a subscription is bound to it."""
    with call.transaction() as tx:
        return {"key": service_keys.application_server_key(tx, call.now)}


@router.post(
    "/subscriptions",
    status_code=201,
    summary="Be told on this phone",
    response_model=models.Channel,
    responses=documented(401, 403, 409, 413, 422, 503),
)
def add_subscription(new: models.NewSubscription, call: SignedIn, request: Request) -> dict[str, Any]:
    """One that there is already stays one, and becomes the caller's. Signing out ends it."""
    loopback = parts_of(request).settings.push_loopback
    try:
        given = subscription(new.endpoint, new.keys.p256dh, new.keys.auth, loopback=loopback)
    except BadSubscription as wrong:
        raise InvalidInput(wrong.fields) from None
    with call.transaction() as tx:
        number = subscribe.subscribe(tx, given, call.person, None if call.principal.key_id else call.credential)
        return views.channels(tx, channel.c.id == number)[0]


@router.delete(
    "/subscriptions/{channel_id}",
    status_code=204,
    summary="Be told on this phone no longer",
    responses=documented(401, 404, 422, 503),
)
def end_subscription(channel_id: PathId, call: SignedIn) -> None:
    with call.transaction() as tx:
        subscribe.unsubscribe(tx, channel_id, call.person)
