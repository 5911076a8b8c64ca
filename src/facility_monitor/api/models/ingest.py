"""The ingest's balance, dead letters and unknown devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from facility_monitor.api.models.fields import BigId, Code, Id, Input, KindCode, Line, Output, Time, Words, example
from facility_monitor.api.models.shared import Page
from facility_monitor.domain.reading.telemetry import Reason


class Account(Output):
    """Values by what became of them; a message that cannot be read counts as one. ``difference`` is received - stored
    - duplicate - rejected, in all also - in flight: 0, or something is wrong with the service."""

    received: int
    stored: int
    duplicate: int
    rejected: int
    difference: int


class TotalAccount(Account):
    in_flight: int = Field(description="messages that have arrived and are not committed, each counted as one value")


class SiteAccount(Account):
    """``id`` is null for what told no site, which admins see."""

    id: int | None
    code: str | None
    unknown: int = Field(description="values, out of those received, of devices that nobody knows")


class DeviceAccount(Account):
    id: int
    code: str
    site: str
    missing: int = Field(description="messages that the device has numbered and that have never come")


class Broker(Output):
    """What the broker says of itself ($SYS), since it was started; null what it does not tell. ``dropped`` messages
    found a receiver's queue full: their senders have got a PUBACK, and nobody has the messages."""

    dropped: int | None = None
    received: int | None = None
    sent: int | None = None
    waiting: int | None = None
    clients: int | None = None


class Slot(Output):
    """Messages since ``holder`` (host and process) took the slot; null where nobody has ever held it. ``stuck`` is how
    often a connection was given up because a packet stayed without acknowledgement."""

    slot: int
    alive: bool = Field(description="whether the holder has said so within the last 10 s")
    holder: str | None = None
    since: datetime | None = None
    reported_at: datetime | None = None
    connected: bool = False
    arrived: int = 0
    committed: int = 0
    abandoned: int = Field(0, description="came, and were given back to the broker uncommitted: they come again")
    in_flight: int = 0
    connections: int = 0
    stuck: int = 0
    difference: int = 0


class Balance(Output):
    """``sites`` and ``devices`` are those that the caller sees; ``totals`` are the sums over these sites."""

    totals: TotalAccount
    sites: list[SiteAccount]
    slots: list[Slot]
    broker: Broker
    devices: Page[DeviceAccount]


class Outcome(Output):
    """What came of a replay, in values; reason and detail are those of the first that was rejected again."""

    stored: int
    duplicate: int
    rejected: int
    reason: str | None = None
    detail: str | None = None


class Letter(Output):
    """What arrived and is no reading. ``payload_text`` is null where the bytes are no UTF-8."""

    id: int
    received_at: datetime
    topic: str
    site: str | None
    device: str | None
    reason: str
    detail: str
    payload_text: str | None
    payload_base64: str
    requested_at: datetime | None = Field(description="when a replay was last asked for")
    requested_by: str | None
    replayed_at: datetime | None = Field(description="null while the replay waits for the ingest")
    outcome: Outcome | None


class LetterFilter(Input):
    """Letters that match all that is given."""

    reason: Reason | None = None
    site: Line | None = None
    device: Line | None = None
    topic: Line | None = Field(None, description="exactly this topic, or all that begin so where it ends in #")
    start: Time | None = Field(None, alias="from", description="arrived then or later")
    end: Time | None = Field(None, alias="to", description="arrived before")


class Replay(Input):
    """Either the letters of these ids, or all that match the filter."""

    model_config = example(filter={"reason": "unknown_point", "site": "jade-garden", "device": "dr-1-env"})
    ids: Annotated[list[BigId], Field(min_length=1, max_length=1000)] | None = None
    filter: LetterFilter | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either ids or a filter")
        return self


class Requested(Output):
    """How many letters will be replayed; each shows its outcome when it was."""

    requested: int


class HeardKey(Output):
    """A key that an unknown device has sent: its newest value, and what it may be."""

    key: str
    value: float
    unit: str | None
    metric: str | None = Field(description="a proposal, made from name and unit")


class UnknownDevice(Output):
    """Somebody whom nobody has told the service about. ``site`` is that of its topic, null where it tells none."""

    id: int
    device: str = Field(description="the code or foreign address under which it speaks")
    site: str | None
    format: str = Field(description="house, senml, thingsboard, sparkplug or mapping")
    topic: str
    first_seen_at: datetime
    last_seen_at: datetime
    messages: int
    keys: list[HeardKey]


class AdoptedPoint(Input):
    key: Line
    metric: KindCode
    equipment_id: Id | None = Field(None, description="default: the device's")
    report_period_s: Annotated[int, Field(strict=True, ge=1, le=7 * 86400)] | None = None


class Adoption(Input):
    """What the device is. Without ``code`` it keeps the name under which it was heard."""

    model_config = example(
        site_id=1,
        equipment_id=1,
        code="dr-9-climate",
        name={"zh-CN": "9 号配电房温湿度", "en": "Climate, room 9"},
        points=[{"key": "hum", "metric": "humidity"}, {"key": "temp", "metric": "temperature"}],
    )
    site_id: Id
    equipment_id: Id
    code: Code | None = None
    name: Words
    points: Annotated[list[AdoptedPoint], Field(min_length=1, max_length=200)]


class Adopted(Output):
    """``replayed`` dead letters will be stored as late readings."""

    device_id: int
    replayed: int
