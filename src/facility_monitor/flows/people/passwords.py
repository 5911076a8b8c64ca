"""Passwords: what is accepted as one, and how it is kept (Argon2id; parameters after the OWASP password sheet)."""

from __future__ import annotations

import secrets
import unicodedata
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from facility_monitor.errors import InvalidInput, Unavailable

SHORTEST = 10
LONGEST = 256
"""Characters. The upper bound only keeps the work of hashing bounded."""

_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Each check takes 19 MiB and some 20 ms of a processor: a flood of log-ins must not take all of either.
_AT_ONCE = BoundedSemaphore(4)
_PATIENCE_S = 5.0
_PLAIN = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is taken for something else
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$u9noHO4WIv46UPK2r1jRnQ$D/VS8dvUcgd9mS5FVS0rL6OU2etBv6u3fbbCT5Og+ME"
"""The hash that a log-in without an account is checked against, so that it costs what any other costs."""


def check_rule(password: str, username: str, field: str = "password") -> None:
    """Raises InvalidInput naming ``field`` where ``password`` is not good enough for ``username``."""
    if len(password) < SHORTEST:
        raise InvalidInput({field: f"must have at least {SHORTEST} characters"})
    if len(password) > LONGEST:
        raise InvalidInput({field: f"must have at most {LONGEST} characters"})
    if _normal(password).casefold() == username.casefold():
        raise InvalidInput({field: "must not be the user name"})


def hashed(password: str) -> str:
    """What is stored of ``password``."""
    with _place():
        return _ARGON2.hash(_normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is the one of ``password_hash``; None, for nobody, takes as long and is always False."""
    with _place():
        try:
            _ARGON2.verify(password_hash or _NOBODY, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether ``password_hash`` was made with other parameters than today's."""
    return _ARGON2.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    # The same password typed on another keyboard must be the same bytes (RFC 8265, OpaqueString).
    return unicodedata.normalize("NFC", password)


class _place:  # noqa: N801 - reads as a verb
    """A place among those that hash at the same time. Raises Unavailable where none comes free."""

    def __enter__(self) -> None:
        if not _AT_ONCE.acquire(timeout=_PATIENCE_S):
            raise Unavailable("too many log-ins at the same time")

    def __exit__(self, *_: object) -> None:
        _AT_ONCE.release()


def made() -> str:
    """A password of 59 bits in groups that can be read out and typed on a phone."""
    letters = "".join(secrets.choice(_PLAIN) for _ in range(12))
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))
