"""People: who may sign in, as what, and what of the sites they see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from facility_monitor.domain.person import Role
from facility_monitor.errors import Conflict, InvalidInput, NotFound
from facility_monitor.flows.people import passwords, sign_in
from facility_monitor.store import versioned
from facility_monitor.store.database import Tx
from facility_monitor.store.people import accounts, sessions
from facility_monitor.store.people.accounts import Account
from facility_monitor.store.tables import organisation, person, site

_USERNAME = "must be 1 to 64 of a-z, 0-9, dot, hyphen and underscore"
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")


def add_person(
    tx: Tx,
    username: str,
    name: str,
    role: Role,
    password: str,
    locale: str,
    organisation_id: int | None,
    now: datetime,
) -> int:
    """Add a person who may sign in at once; returns the id. Raises InvalidInput, Conflict."""
    if not 0 < len(username) <= 64 or not _ALLOWED.issuperset(username):
        raise InvalidInput({"username": _USERNAME})
    passwords.check_rule(password, username)
    _check_organisation(tx, role, organisation_id)
    if accounts.by_username(tx, username, now) is not None:
        raise Conflict(f"there is a person {username} already")
    return accounts.add(
        tx,
        {
            "username": username,
            "name": name,
            "role": role,
            "password_hash": passwords.hashed(password),
            "locale": locale,
            "organisation_id": organisation_id,
        },
    )


def change_person(tx: Tx, person_id: int, version: int, changes: Mapping[str, Any], now: datetime) -> None:
    """Change name, role, locale, organisation_id or disabled. Who is disabled is signed out everywhere at once.

    Raises NotFound, Stale, InvalidInput; Conflict where nobody would be left who can manage people.
    """
    admins = accounts.active_admins(tx)
    before = _account(tx, person_id, now)
    role = Role(changes.get("role", before.person.role))
    disabled = changes.get("disabled", before.disabled)
    _check_organisation(tx, role, changes.get("organisation_id", before.person.organisation_id))
    was_admin = before.person.role is Role.ADMIN and not before.disabled
    if was_admin and (disabled or role is not Role.ADMIN) and admins == 1:
        raise Conflict(f"{before.person.username} is the last admin")
    versioned.change(tx, person, person_id, version, changes)
    if disabled:
        sessions.end_all(tx, person_id)


def disable(tx: Tx, username: str, now: datetime) -> None:
    """End the access of ``username``: sessions and API keys stop at once. Raises NotFound, Conflict."""
    found = accounts.by_username(tx, username, now)
    if found is None:
        raise NotFound(f"person {username}")
    change_person(tx, found.person.id, found.version, {"disabled": True}, now)


def grant_sites(tx: Tx, person_id: int, site_ids: Collection[int]) -> None:
    """Let a person see exactly these sites. Raises InvalidInput."""
    missing = versioned.missing(tx, site, set(site_ids))
    if missing:
        raise InvalidInput({"site_ids": f"no such site: {', '.join(map(str, sorted(missing)))}"})
    accounts.grant_sites(tx, person_id, site_ids)


def set_password(
    tx: Tx, person_id: int, password: str, now: datetime, *, field: str = "password", keep: str | None = None
) -> None:
    """Give a person a new password and end their sessions, but for the one whose token is ``keep``.

    Raises NotFound, InvalidInput naming ``field``.
    """
    account = _account(tx, person_id, now)
    passwords.check_rule(password, account.person.username, field)
    accounts.save_password(tx, person_id, passwords.hashed(password))
    sign_in.end_sessions(tx, person_id, keep)


def _account(tx: Tx, person_id: int, now: datetime) -> Account:
    account = accounts.by_id(tx, person_id, now)
    if account is None:
        raise NotFound(f"person {person_id}")
    return account


def _check_organisation(tx: Tx, role: Role, organisation_id: int | None) -> None:
    if organisation_id is None:
        if role is Role.CONTRACTOR:
            raise InvalidInput({"organisation_id": "a contractor belongs to an organisation"})
    elif versioned.missing(tx, organisation, {organisation_id}):
        raise InvalidInput({"organisation_id": "no such organisation"})
