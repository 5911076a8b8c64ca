"""Signing in: by name and password for a session, afterwards by its token or by an API key."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from facility_monitor.domain.person import SCOPES, Person, Principal, Scope
from facility_monitor.errors import InvalidInput, NotSignedIn, TooMany
from facility_monitor.flows.people import passwords
from facility_monitor.store.database import Database, Tx
from facility_monitor.store.message import subscriptions
from facility_monitor.store.people import accounts, api_keys, sessions, sign_in_failures
from facility_monitor.store.people.accounts import Account

WINDOW = timedelta(minutes=15)
PER_USERNAME = 5
PER_ADDRESS = 20
"""Failures within the window after which nobody gets a try: for one user name, from one address."""

_KEY = "fm_"
_TOKEN = "fms_"  # noqa: S105 - tells a session's token from a key, and both from other people's secrets

log = logging.getLogger(__name__)


class Session(NamedTuple):
    """A log-in that succeeded. ``token`` is shown to the person once and kept nowhere."""

    token: str
    expires_at: datetime
    person: Person


def sign_in(database: Database, username: str, password: str, address: str, lasts: timedelta, now: datetime) -> Session:
    """Begin a session that ``lasts``. ``address`` is the client's, for the throttle.

    Raises NotSignedIn, the same for an unknown name, a wrong password and a disabled person; TooMany; Unavailable.
    """
    account = check_password(database, username, password, address, now)
    token = _TOKEN + secrets.token_urlsafe(32)
    with database.transaction() as tx:
        if passwords.outdated(account.password_hash):
            accounts.save_password(tx, account.person.id, passwords.hashed(password))
        sessions.add(tx, token_hash(token), account.person.id, now, now + lasts)
    return Session(token, now + lasts, account.person)


def check_password(database: Database, username: str, password: str, address: str, now: datetime) -> Account:
    """The account of ``username`` if ``password`` is its own; takes the same time if there is none.

    Raises NotSignedIn, TooMany, Unavailable.
    """
    with database.transaction() as tx:
        _throttle(tx, username, address, now)
        sign_in_failures.add(tx, username, address, now)
        account = accounts.by_username(tx, username, now)
    # Outside of the transaction: hashing is slow on purpose.
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None or account.disabled or not right:
        log.info("log-in failed: %s from %s", account.person.username if account else "unknown name", address)
        raise NotSignedIn("user name or password is wrong")
    with database.transaction() as tx:
        sign_in_failures.forgive(tx, username)
    return account


def _throttle(tx: Tx, username: str, address: str, now: datetime) -> None:
    failures = sign_in_failures.since(tx, username, address, now - WINDOW)
    for times, allowed in ((failures.of_username, PER_USERNAME), (failures.of_address, PER_ADDRESS)):
        if len(times) >= allowed:
            wait = math.ceil((times[allowed - 1] + WINDOW - now).total_seconds())
            log.warning("log-in refused: too many failures from %s or for one name", address)
            raise TooMany("too many failed log-ins", max(wait, 1))


def identify(tx: Tx, credential: str, now: datetime) -> Principal | None:
    """Who signs in with ``credential``, a session's token or an API key; None where it is not, or no longer, good."""
    if not credential.startswith(_KEY):
        person = sessions.signed_in(tx, token_hash(credential), now)
        return None if person is None else Principal(person, SCOPES[person.role])
    key_id, _, secret = credential.removeprefix(_KEY).partition("_")
    key = api_keys.find(tx, key_id, now)
    if key is None or not hmac.compare_digest(key.secret_hash, token_hash(secret)):
        return None
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.last_used_at is None or key.last_used_at <= now - api_keys.USE_NOTED_EVERY:
        api_keys.note_use(tx, key_id, now)
    # What the owner's role has lost since, the key has lost too.
    scopes = frozenset(scope for scope in SCOPES[key.person.role] if scope in key.scopes)
    return Principal(key.person, scopes, key_id)


def sign_out(tx: Tx, token: str) -> None:
    """End the session of ``token``, and with it what this phone was told in it."""
    sessions.end(tx, token_hash(token))
    subscriptions.end_of_session(tx, token_hash(token), "signed out")


def session_ends(tx: Tx, token: str) -> datetime | None:
    """When the session of ``token`` ends by itself."""
    return sessions.expires_at(tx, token_hash(token))


def end_sessions(tx: Tx, person_id: int, keep: str | None = None) -> None:
    """End all sessions of a person but that of the token ``keep``, and what phones were told in them.

    A phone that was lost is silent from then on, also where its session had expired by itself before.
    """
    kept = None if keep is None else token_hash(keep)
    sessions.end_all(tx, person_id, kept)
    subscriptions.end_all(tx, person_id, "signed out everywhere", kept)


def make_key(
    tx: Tx, person: Person, name: str, scopes: Collection[Scope], expires_at: datetime | None, now: datetime
) -> tuple[str, str]:
    """Make an API key for ``person``; returns its id and the whole key, which is kept nowhere.

    Raises InvalidInput where it would allow what the person's role does not, or has expired already.
    """
    beyond = sorted(set(scopes) - SCOPES[person.role])
    if beyond:
        raise InvalidInput({"scopes": f"beyond the role {person.role}: {', '.join(beyond)}"})
    if expires_at is not None and expires_at <= now:
        raise InvalidInput({"expires_at": "must be in the future"})
    key_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    api_keys.add(tx, key_id, token_hash(secret), person.id, name, scopes, now, expires_at)
    return key_id, f"{_KEY}{key_id}_{secret}"


def token_hash(secret: str) -> bytes:
    """As a session's token or a key's secret is kept."""
    # Plain SHA-256: the secrets are 256 random bits, which nobody can guess, however fast the hash.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
