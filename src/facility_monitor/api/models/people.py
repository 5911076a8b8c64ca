"""People, sign-in, organisations, contracts, duty, channels and keys."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from facility_monitor.api.models.fields import (
    Changes,
    Code,
    Flag,
    Id,
    Input,
    KindCode,
    Line,
    Locale,
    Output,
    Secret,
    Text,
    Time,
    Username,
    Words,
    example,
    left_out,
)
from facility_monitor.domain.message.rota import Position
from facility_monitor.domain.person import Role, Scope


class Person(Output):
    id: int
    username: str
    name: str
    role: Role
    locale: Locale
    organisation_id: int | None
    on_duty: bool


class PersonDetail(Person):
    disabled: bool
    site_ids: list[int] = Field(description="the sites that a manager, engineer or inspector sees")
    version: int


class Credentials(Input):
    model_config = example(username="engineer", password="correct horse battery")  # noqa: S106 - an example
    username: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    password: Secret


class SignedIn(Output):
    """``token`` is shown this once; it also went into the cookie ``fm_session``."""

    token: str
    expires_at: datetime
    person: Person


class Session(Output):
    person: Person
    scopes: list[Scope]
    expires_at: datetime | None = Field(description="null for an API key, whose end stands with the key")


class OwnChanges(Changes):
    model_config = example(locale="en")
    name: Line = left_out()
    locale: Locale = left_out()


class OwnPassword(Input):
    model_config = example(current_password="correct horse battery", new_password="wrong zebra capacitor")  # noqa: S106
    current_password: Secret
    new_password: Secret


class NewPassword(Input):
    model_config = example(password="wrong zebra capacitor")  # noqa: S106
    password: Secret


class NewPerson(Input):
    """At least 10 characters make a password; it must not be the user name."""

    model_config = example(
        username="li.wei",
        name="李伟",
        role="engineer",
        password="correct horse battery",  # noqa: S106
        locale="zh-CN",
        site_ids=[1],
    )
    username: Username
    name: Line
    role: Role
    password: Secret
    locale: Locale = "zh-CN"
    organisation_id: Id | None = Field(None, description="a contractor's firm")
    site_ids: Annotated[list[Id], Field(max_length=1000)] = Field(default_factory=list)


class PersonChanges(Changes):
    model_config = example(name="李伟（夜班）", site_ids=[1])
    name: Line = left_out()
    role: Role = left_out()
    locale: Locale = left_out()
    organisation_id: Id | None = None
    disabled: Flag = left_out()
    site_ids: Annotated[list[Id], Field(max_length=1000)] = left_out()


class Organisation(Output):
    id: int
    code: str
    name: Text
    phone: str | None
    version: int


Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()/.-]{2,30}$")]


class NewOrganisation(Input):
    model_config = example(
        code="swift-lifts", name={"zh-CN": "迅捷电梯", "en": "Swift Lifts"}, phone="+86 21 5555 0100"
    )
    code: Code
    name: Words
    phone: Phone | None = None


class OrganisationChanges(Changes):
    model_config = example(phone="+86 21 5555 0101")
    name: Words = left_out()
    phone: Phone | None = None


class Contract(Output):
    """Covers equipment of a kind at a site, or all of it, from the first to the last day, both included."""

    id: int
    organisation_id: int
    site_id: int
    equipment_kind: str | None
    starts_on: date
    ends_on: date | None
    version: int


class NewContract(Input):
    model_config = example(organisation_id=1, site_id=1, equipment_kind="elevator", starts_on="2026-01-01")
    organisation_id: Id
    site_id: Id
    equipment_kind: KindCode | None = Field(None, description="null for all equipment of the site")
    starts_on: date
    ends_on: date | None = None

    @field_validator("ends_on")
    @classmethod
    def _in_order(cls, ends_on: date | None, before: ValidationInfo) -> date | None:
        if ends_on is not None and "starts_on" in before.data and ends_on < before.data["starts_on"]:
            raise ValueError("must not lie before starts_on")
        return ends_on


class ContractChanges(Changes):
    model_config = example(ends_on="2026-12-31")
    ends_on: date | None = Field(description="the last day; null for no end")


class OnDuty(Output):
    id: int
    name: str
    username: str


class Shift(Output):
    id: int
    site_id: int
    person: OnDuty
    starts_at: datetime
    ends_at: datetime | None
    position: Position
    rota_id: int | None = Field(description="the rota that made it")
    instead_of: int | None = Field(description="the id of whose shift it was before a swap")
    version: int


class Gap(Output):
    """A stretch of time ahead that no shift covers as it should."""

    site_id: int
    position: Position
    starts_at: datetime = Field(description="now at the earliest")
    ends_at: datetime = Field(description="the end of what was asked for at the latest")
    why: Literal["nobody", "unreachable", "one_channel"] = Field(
        description="nobody is on duty; somebody whom no channel reaches; or one channel, where life safety wants two"
    )


class NewShift(Input):
    model_config = example(
        site_id=1, person_id=3, starts_at="2026-03-02T08:00:00+08:00", ends_at="2026-03-02T20:00:00+08:00"
    )
    site_id: Id
    person_id: Id
    position: Position = Position.ENGINEER
    starts_at: Time
    ends_at: Time | None = None

    @field_validator("ends_at")
    @classmethod
    def _in_order(cls, ends_at: datetime | None, before: ValidationInfo) -> datetime | None:
        if ends_at is not None and "starts_at" in before.data and ends_at <= before.data["starts_at"]:
            raise ValueError("must come after starts_at")
        return ends_at


class ShiftChanges(Changes):
    model_config = example(ends_at="2026-03-02T19:00:00+08:00")
    ends_at: Time | None = Field(description="null for open end")


class Key(Output):
    id: str
    person_id: int
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class KeyWithSecret(Key):
    secret: str = Field(description="the whole key; it is shown this once", examples=["fm_0123456789abcdef_..."])


class NewKey(Input):
    model_config = example(
        name="Weekly report", scopes=["read:plant", "read:tickets"], expires_at="2099-01-01T00:00:00Z"
    )
    name: Line
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: Time | None = None
