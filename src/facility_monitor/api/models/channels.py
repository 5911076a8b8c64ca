"""Channels, push subscriptions, and the messages that went through them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from facility_monitor.api.models.fields import Changes, Flag, Id, Input, Output, example, left_out
from facility_monitor.api.models.shared import Named
from facility_monitor.domain.message.signature import key_of

Kind = Literal["console", "webhook", "web_push", "apprise"]
State = Literal["queued", "sent", "delivered", "opened", "acknowledged", "failed", "folded"]


class Channel(Output):
    """What is secret in ``address`` is left out; that of a webhook may hold a token, and is shown to its owner and to
    who manages people. The secret never is."""

    id: int
    person_id: int | None
    site_id: int | None
    kind: Kind
    address: str
    has_secret: bool
    enabled: bool
    preference: int = Field(description="1 is used first; the next where all before have failed")
    ended: str | None = Field(description="why the other side has ended it: then it is switched off")
    version: int


class ChannelWithSecret(Channel):
    secret: str | None = Field(description="of a webhook; it is shown this once", examples=["whsec_..."])


def webhook_url(address: str) -> str:
    """``address``, which must be a webhook's. Raises ValueError."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError where it is no port number
    except ValueError:
        raise ValueError("must be http(s)://host/...") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be http(s)://host/...")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no user name or password: the signature tells who sends")
    return address


Address = Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[\x21-\x7e]+$")]


def _signs(secret: str) -> str:
    key_of(secret)  # raises BadSecret, a ValueError
    return secret


ChannelSecret = Annotated[str, StringConstraints(max_length=200, pattern=r"^[\x21-\x7e]+$"), AfterValidator(_signs)]
Preference = Annotated[int, Field(strict=True, ge=1, le=9)]


class NewChannel(Input):
    """A person's channel, or another system's (``person_id`` null), then of one site or, with null, of all."""

    model_config = example(
        kind="webhook",
        site_id=1,
        address="https://hooks.example/alarms",
    )
    kind: Literal["console", "webhook", "apprise"]
    address: Address = Field(
        "-",
        description="of a webhook its URL; of `apprise` the address of a robot, or of Apprise; a console needs none",
        validate_default=True,
    )
    secret: ChannelSecret | None = Field(
        None, description="`whsec_...`, signs what a webhook sends (Standard Webhooks); null to have one made"
    )
    person_id: Id | None = None
    site_id: Id | None = None
    enabled: Flag = True
    preference: Preference = 1

    @field_validator("address")
    @classmethod
    def _reachable(cls, address: str, before: ValidationInfo) -> str:
        return webhook_url(address) if before.data.get("kind") == "webhook" else address

    @field_validator("site_id")
    @classmethod
    def _of_nobody(cls, site_id: int | None, before: ValidationInfo) -> int | None:
        if site_id is not None and before.data.get("person_id") is not None:
            raise ValueError("a person's channel has none: people are told of the sites of their duty")
        return site_id


class ChannelChanges(Changes):
    model_config = example(enabled=False)
    address: Address = left_out()
    secret: ChannelSecret = left_out()
    enabled: Flag = left_out()
    preference: Preference = left_out()


class PushKey(Output):
    key: str = Field(
        description="`applicationServerKey` for `pushManager.subscribe`",
        examples=["BNbxGYNMhEIi9zrneh7mqV4oUanjLUK3..."],
    )


class SubscriptionKeys(Input):
    p256dh: Annotated[str, StringConstraints(max_length=200)]
    auth: Annotated[str, StringConstraints(max_length=100)]


class NewSubscription(Input):
    """``PushSubscription.toJSON()`` of the browser, as it is."""

    model_config = example(
        endpoint="https://fcm.googleapis.com/fcm/send/dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O",
        expirationTime=None,
        keys={
            "p256dh": "BHXHz62IMbRM0WCZGsWLqKuTRLHLwT2q9xvrV0f-uTx57hHW0iaWAsXJqyf93KWvcuLXJf1meof_0GOfN8L0l54",
            "auth": "Hk0T5PaYwF3dOBH8o0q1-A",
        },
    )
    endpoint: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[\x21-\x7e]+$")]
    expirationTime: float | None = Field(None, description="milliseconds since 1970; not used")  # noqa: N815
    keys: SubscriptionKeys


class Notice(Output):
    """A message to a person or a system: ``channel`` is the kind of channel it goes by, ``error`` why not (yet)."""

    id: int
    person: Named | None
    channel: str
    channel_id: int
    kind: str = Field(description="what it tells: the ledger event, `test` or `summary`")
    state: State
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    acknowledged_at: datetime | None
    attempts: int
    error: str | None
    handed_on: bool = Field(description="another channel of the person has taken over")
    folded_into: int | None = Field(description="the message that tells of it in a summary")


class DeadLetter(Notice):
    """A message that will not be sent: refused for good, or given up."""

    alarm_id: int | None
    ticket_id: int | None
    title: dict[str, str]


class Answered(Output):
    """The alarm that was acknowledged, and in whose name."""

    alarm_id: int
    person: Named
    acknowledged_at: datetime
