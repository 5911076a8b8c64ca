"""What can go wrong, by what the caller can do about it.

::

    FacilityMonitorError
    ├── InvalidInput        the caller's data is wrong; names each field                422
    ├── NotSignedIn         who is asking?                                              401
    ├── Forbidden           known, but not allowed                                      403
    ├── NotFound            no such thing, or not visible to this caller                404
    ├── Conflict            the thing's state does not allow this                       409
    ├── Stale               somebody changed it in between; read again                  412
    ├── VersionRequired     the change must say which version it was made from          428
    ├── TooMany             too often; says when to come back                           429
    ├── Unavailable         a part that is needed does not answer                       503
    └── BadSettings         the service cannot start like this                          exit code 2

``api.problems`` maps each class to its HTTP status; the command line prints the text in one line, exit code 2.
"""

from __future__ import annotations

from collections.abc import Mapping


class FacilityMonitorError(Exception):
    """Root of all errors that are meant to be read by the caller."""


class InvalidInput(FacilityMonitorError):
    """The input is wrong. ``fields`` maps each field's path (``limit.value``) to what is wrong with it."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in fields.items()))
        self.fields = dict(fields)


class NotSignedIn(FacilityMonitorError):
    """No valid session or API key came with the request."""


class Forbidden(FacilityMonitorError):
    """The caller is known but may not do this."""


class NotFound(FacilityMonitorError):
    """No such thing, or none that the caller may see; the two are not told apart."""


class Conflict(FacilityMonitorError):
    """The state of the thing, or another thing of the same name, does not allow this.

    ``existing`` is the id of the thing that stands in the way, where it is known.
    """

    def __init__(self, message: str, existing: int | None = None) -> None:
        super().__init__(message)
        self.existing = existing


class Stale(FacilityMonitorError):
    """The change was made from an older version than the one that stands."""


class VersionRequired(FacilityMonitorError):
    """The change does not say which version it was made from (If-Match)."""


class TooMany(FacilityMonitorError):
    """Too many tries. ``retry_after`` is the wait in whole seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(FacilityMonitorError):
    """The database or the broker does not answer."""


class BadSettings(FacilityMonitorError):
    """A setting or a command-line value is wrong."""
