"""Sites, spaces, equipment, metrics, devices, points, mappings, readings and rejects."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from facility_monitor.api.models.fields import (
    Changes,
    Code,
    Flag,
    Id,
    Input,
    Json,
    KindCode,
    Latitude,
    Line,
    Longitude,
    Number,
    Output,
    Text,
    Words,
    Zone,
    example,
    left_out,
)
from facility_monitor.api.models.shared import Basis

Severity = Literal["critical", "high", "medium", "low"]
Level = Literal["low_low", "low", "high", "high_high"]
SpaceKind = Literal["building", "floor", "room", "shaft", "outdoors"]
Quality = Literal["good", "uncertain", "bad"]


class Site(Output):
    """``slot`` is the part of the ingest that takes in what its devices send."""

    id: int
    slot: int
    code: str
    name: Text
    timezone: str
    latitude: float | None
    longitude: float | None
    version: int


class _Placed(BaseModel):
    """Degrees, WGS 84, both or neither."""

    latitude: Latitude | None = Field(None, description="degrees north, WGS 84; photos taken far away are flagged")
    longitude: Longitude | None = Field(None, description="degrees east, WGS 84")

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        return self


class NewSite(_Placed, Input):
    """The code stands in the topics of the site's devices and never changes."""

    model_config = example(
        code="jade-garden", name={"zh-CN": "翡翠花园", "en": "Jade Garden"}, timezone="Asia/Shanghai"
    )
    code: Code
    name: Words
    timezone: Zone | None = Field(None, description="IANA name; default: FM_TIMEZONE")


class SiteChanges(_Placed, Changes):
    model_config = example(name={"zh-CN": "翡翠花园一期", "en": "Jade Garden, phase 1"})
    name: Words = left_out()
    timezone: Zone = left_out()
    slot: Annotated[int, Field(strict=True, ge=0, le=31)] = left_out()


class Space(Output):
    id: int
    site_id: int
    parent_id: int | None
    kind: SpaceKind
    code: str
    name: Text
    version: int


class NewSpace(Input):
    model_config = example(site_id=1, kind="building", code="b9", name={"zh-CN": "9 号楼", "en": "Building 9"})
    site_id: Id
    parent_id: Id | None = None
    kind: SpaceKind
    code: Code
    name: Words


class SpaceChanges(Changes):
    model_config = example(name={"zh-CN": "9 号楼（南）", "en": "Building 9 (south)"})
    parent_id: Id | None = None
    kind: SpaceKind = left_out()
    name: Words = left_out()


class EquipmentKind(Output):
    code: str
    name: Text
    life_safety: bool


class NewEquipmentKind(Input):
    model_config = example(code="boiler", name={"zh-CN": "锅炉", "en": "Boiler"}, life_safety=False)
    code: KindCode
    name: Words
    life_safety: Flag = False


ValueNames = Annotated[
    dict[str, Text] | None,
    Field(description="what its values mean, by code in the code set of the equipment; null for what is measured"),
]


class Metric(Output):
    """A stored value times ``display_scale`` is shown in ``display_unit`` with ``decimals`` places."""

    code: str
    name: Text
    unit: str = Field(description="SenML unit (RFC 8428)")
    display_unit: str
    display_scale: float
    decimals: int
    codes: ValueNames


Unit = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^\S+$")]


def _not_zero(scale: float) -> float:
    if scale == 0:
        raise ValueError("must not be 0")
    return scale


class NewMetric(Input):
    model_config = example(
        code="co2", name={"zh-CN": "二氧化碳", "en": "Carbon dioxide"}, unit="ppm", display_unit="ppm", decimals=0
    )
    code: KindCode
    name: Words
    unit: Unit
    display_unit: Unit
    display_scale: Annotated[Number, AfterValidator(_not_zero)] = 1.0
    decimals: Annotated[int, Field(strict=True, ge=0, le=6)] = 1


class Equipment(Output):
    """``place`` is the path of site and spaces, the outermost first."""

    id: int
    site_id: int
    space_id: int | None
    kind: str
    code: str
    name: Text
    attributes: dict[str, Any]
    in_use: bool = Field(description="alarms of what is not in use are judged and logged, and call nobody")
    place: Text
    worst_severity: Severity | None = Field(description="of its live alarms")
    live_alarms: int
    open_tickets: int
    version: int


class NewEquipment(Input):
    model_config = example(
        site_id=1,
        kind="distribution_room",
        code="dr-9",
        name={"zh-CN": "9 号配电房", "en": "Distribution room 9"},
        attributes={"voltage_kv": 10},
    )
    site_id: Id
    space_id: Id | None = None
    kind: KindCode
    code: Code
    name: Words
    attributes: Json = Field(default_factory=dict)


class EquipmentChanges(Changes):
    """Site, kind and code stay: alarms, rules and contracts go by them."""

    model_config = example(name={"zh-CN": "9 号配电房（东）", "en": "Distribution room 9 (east)"})
    space_id: Id | None = None
    name: Words = left_out()
    attributes: Json = left_out()
    in_use: Flag = left_out()


Heard = Literal["online", "offline", "unknown"]


class Topics(Output):
    telemetry: str
    status: str


class Device(Output):
    id: int
    site_id: int
    code: str = Field(description="also its MQTT user name")
    name: Text
    equipment_id: int | None
    address: str | None = Field(description="its name in messages that a payload mapping reads")
    state: Heard = Field(description="offline by its will, or because none of its points reports any more")
    state_at: datetime | None = Field(description="since when; of a device that fell silent, when it was last heard")
    last_seen_at: datetime | None = Field(description="when the newest reading arrived")
    clock_ahead_s: float | None = Field(description="how far its clock is ahead of ours, below zero behind; measured")
    clock_off: bool = Field(description="whether that is too far: its alarms are judged by its clock")
    topics: Topics
    version: int


class NewDevice(Input):
    """The code stands in its topics and is its MQTT user name: it never changes and is unique over all sites."""

    model_config = example(site_id=1, code="dr-9-env", name={"zh-CN": "9 号配电房环境", "en": "Room 9 climate"})
    site_id: Id
    code: Code
    name: Words
    equipment_id: Id | None = None
    address: Line | None = None


class DeviceChanges(Changes):
    model_config = example(address="0x00158d0001a2b3c4")
    name: Words = left_out()
    equipment_id: Id | None = None
    address: Line | None = None


class Latest(Output):
    at: datetime
    value: float
    name: Text | None = Field(description="what a coded value means in the code set of the equipment")
    quality: Quality
    received_at: datetime


class PointLimit(Output):
    rule_id: int
    level: Level
    value: float
    severity: Severity
    basis: Basis | None


class Point(Output):
    id: int
    device_id: int
    equipment_id: int
    key: str = Field(description="its name in the device's messages")
    metric: str
    unit: str
    display_unit: str
    display_scale: float
    decimals: int
    codes: ValueNames
    name: Text
    report_period_s: int | None
    state: Heard = Field(description="offline after 3 missed reports (2 where it protects people), or with its device")
    latest: Latest | None = Field(description="by event time")
    limits: list[PointLimit] = Field(description="of the rules in force, in the point's unit, lowest first")
    version: int


PointKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,64}$")]
Period = Annotated[int, Field(strict=True, ge=1, le=30 * 86400)]


class NewPoint(Input):
    model_config = example(device_id=1, equipment_id=1, key="temperature", metric="temperature", report_period_s=10)
    device_id: Id
    equipment_id: Id
    key: PointKey
    metric: KindCode
    report_period_s: Period | None = None


class PointChanges(Changes):
    """Device, equipment and metric stay: the stored readings mean them."""

    model_config = example(report_period_s=30)
    key: PointKey = left_out()
    report_period_s: Period | None = None


class Mapping(Output):
    id: int
    topic_filter: str
    definition: dict[str, Any]
    version: int


TopicFilter = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class NewMapping(Input):
    """How to read messages whose shape is not ours. A stored value is `sent * scale + offset`."""

    model_config = example(
        topic_filter="zigbee2mqtt/+",
        definition={"device": {"level": 1}, "values": {"humidity": {"path": "humidity"}}},
    )
    topic_filter: TopicFilter
    definition: Json


class MappingChanges(Changes):
    model_config = example(definition={"device": {"path": "id"}, "values": {"humidity": {"path": "rh", "scale": 0.1}}})
    topic_filter: TopicFilter = left_out()
    definition: Json = left_out()
