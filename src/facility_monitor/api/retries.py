"""Requests that are sent again: under the same Idempotency-Key they are answered again, not done again."""

from __future__ import annotations

import hashlib
from typing import Annotated, NamedTuple

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from facility_monitor.api.auth import Call
from facility_monitor.errors import InvalidInput
from facility_monitor.store import kept_answers
from facility_monitor.store.database import Tx
from facility_monitor.store.kept_answers import Answer

REPLAYED = "Idempotency-Replayed"
"""A header of an answer that was given before."""


class Attempt(NamedTuple):
    """One sending of a request; ``key`` is None where the client does not number its requests."""

    key: str | None
    request_hash: bytes

    def answered(self, tx: Tx, call: Call) -> Response | None:
        """The answer to the same request before, if there is one. Call it before any row is locked.

        Raises InvalidInput where the key stood on another request.
        """
        if self.key is None:
            return None
        before = kept_answers.find(tx, call.person.id, self.key, call.now)
        if before is None:
            return None
        if bytes(before.request_hash) != self.request_hash:
            raise InvalidInput({"Idempotency-Key": "was used for another request: take a new one"})
        return _response(before, {REPLAYED: "true"})

    def answer(self, tx: Tx, call: Call, status: int, body: str, location: str | None = None) -> Response:
        """Answer with a JSON ``body``, and keep the answer for the next time."""
        given = Answer(self.request_hash, status, location, body)
        if self.key is not None:
            kept_answers.keep(tx, call.person.id, self.key, given, call.now)
        return _response(given, {})


def _response(answer: Answer, headers: dict[str, str]) -> Response:
    if answer.location is not None:
        headers["Location"] = answer.location
    return Response(answer.body, answer.status, headers, media_type="application/json")


async def _attempt(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            pattern=r"^[\x21-\x7e]+$",
            description="one of your own for each request, such as a UUID: sent again within 7 days, the same request "
            "gets the same answer and is not done twice",
        ),
    ] = None,
) -> Attempt:
    content = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body())
    return Attempt(idempotency_key, content.digest())


Attempts = Annotated[Attempt, Depends(_attempt)]
"""Stands after the caller in a route's parameters: who has not signed in is told so first."""
