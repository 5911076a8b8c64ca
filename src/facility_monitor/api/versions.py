"""Against lost updates: a change names the version that it was made from (ETag and If-Match, RFC 9110 chapter 13)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from facility_monitor.errors import InvalidInput, VersionRequired

_TAG = re.compile(r'"([1-9][0-9]{0,8})"')


async def _if_match(
    if_match: Annotated[
        str | None, Header(description='the ETag of the version that was read, for example `"3"`')
    ] = None,
) -> int:
    if if_match is None:
        raise VersionRequired("say which version the change was made from: If-Match with the ETag that was read")
    return _version(if_match)


async def _may_match(
    if_match: Annotated[
        str | None, Header(description="optional: the ETag that was read, so that nothing newer is overlooked")
    ] = None,
) -> int | None:
    return None if if_match is None else _version(if_match)


def _version(if_match: str) -> int:
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput({"If-Match": 'must be one ETag as it was read, for example "3"'})
    return int(found[1])


MadeFrom = Annotated[int, Depends(_if_match)]
"""The version in If-Match. Raises VersionRequired where the header is missing.

Stands after the caller in a route's parameters: who has not signed in is told so first.
"""

MayBeFrom = Annotated[int | None, Depends(_may_match)]
"""The same for changes that are safe without, since the state of the thing says whether they are still in place."""


def tagged(response: Response, row: dict[str, object]) -> dict[str, object]:
    """``row`` with its version as the response's ETag."""
    response.headers["ETag"] = f'"{row["version"]}"'
    return row
