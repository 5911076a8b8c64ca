"""People, what their role lets them do, and what of the sites they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    ENGINEER = "engineer"
    CONTRACTOR = "contractor"
    INSPECTOR = "inspector"


class Scope(StrEnum):
    """What a session or an API key may do."""

    READ_PLANT = "read:plant"
    """sites, equipment, devices, points and their readings"""
    READ_ALARMS = "read:alarms"
    READ_TICKETS = "read:tickets"
    READ_RULES = "read:rules"
    READ_INGEST = "read:ingest"
    """rejects and the state of the ingest"""
    ACKNOWLEDGE_ALARMS = "write:alarms"
    WORK_TICKETS = "write:tickets"
    WRITE_RULES = "write:rules"
    WRITE_PLANT = "write:plant"
    READ_PEOPLE = "read:people"
    """people beyond oneself"""
    WRITE_PEOPLE = "write:people"
    """people, organisations, contracts and channels"""
    WRITE_DUTY = "write:duty"
    """who is on duty when"""
    WRITE_TESTS = "write:tests"
    """measured tests of equipment"""
    READ_TESTS = "read:tests"
    READ_PHOTOS = "read:photos"
    WRITE_PHOTOS = "write:photos"
    """photos as evidence of one's own records"""
    READ_COSTS = "read:costs"
    """what parts cost, and how contractors do"""


_READ = {
    Scope.READ_PLANT,
    Scope.READ_ALARMS,
    Scope.READ_TICKETS,
    Scope.READ_RULES,
    Scope.READ_TESTS,
    Scope.READ_PHOTOS,
}

SCOPES: Mapping[Role, frozenset[Scope]] = {
    Role.ADMIN: frozenset(Scope),
    Role.MANAGER: frozenset(
        _READ
        | {
            Scope.READ_INGEST,
            Scope.READ_COSTS,
            Scope.READ_PEOPLE,
            Scope.ACKNOWLEDGE_ALARMS,
            Scope.WORK_TICKETS,
            Scope.WRITE_RULES,
            Scope.WRITE_PLANT,
            Scope.WRITE_DUTY,
            Scope.WRITE_TESTS,
            Scope.WRITE_PHOTOS,
        }
    ),
    Role.ENGINEER: frozenset(
        _READ
        | {
            Scope.READ_INGEST,
            Scope.READ_COSTS,
            Scope.ACKNOWLEDGE_ALARMS,
            Scope.WORK_TICKETS,
            Scope.WRITE_TESTS,
            Scope.WRITE_PHOTOS,
        }
    ),
    Role.CONTRACTOR: frozenset(
        _READ - {Scope.READ_RULES} | {Scope.WORK_TICKETS, Scope.WRITE_TESTS, Scope.WRITE_PHOTOS}
    ),
    Role.INSPECTOR: frozenset(_READ | {Scope.READ_COSTS}),
}


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    username: str
    name: str
    role: Role
    locale: str
    organisation_id: int | None
    on_duty: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a person, by session or by API key, with what this sign-in may do."""

    person: Person
    scopes: frozenset[Scope]
    key_id: str | None = None
