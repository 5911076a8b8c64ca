"""The event stream: what happens, as it happens (server-sent events, resumed by Last-Event-ID)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import anyio
import orjson
from anyio import to_thread
from fastapi import APIRouter, Header, Request
from sqlalchemy import ColumnElement, or_
from starlette.responses import StreamingResponse
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from facility_monitor.api.auth import Call, ReadsAlarms
from facility_monitor.api.parts import Parts, parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.person import Scope
from facility_monitor.errors import TooMany, Unavailable
from facility_monitor.flows.people import sign_in
from facility_monitor.store.sight import Sight
from facility_monitor.store.tables import ledger
from facility_monitor.store.views import ledger as entries

HEARTBEAT_S = 15.0
FURTHEST_BEHIND = 1000
"""Ledger entries. Who is further behind is told to read everything anew."""
MOST_STREAMS = 500
_RETRY_S = (0.25, 4.0)
"""First and longest wait while the database is away."""

log = logging.getLogger(__name__)
router = APIRouter(tags=["events"])


class EventStream(StreamingResponse):
    """A stream that ends at once when the client goes away, not at the next thing to send."""

    media_type = "text/event-stream"

    async def __call__(self, _scope: AsgiScope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                await self.listen_for_disconnect(receive)
                tasks.cancel_scope.cancel()

            tasks.start_soon(watch)
            await self.stream_response(send)
            tasks.cancel_scope.cancel()


_EXAMPLE = (
    'event: alarm_raised\nid: 4711\ndata: {"id":4711,"at":"2026-03-02T03:04:05.678Z","kind":"alarm_raised","site_id":1,'
    '"equipment_id":3,"alarm_id":17,"ticket_id":null,"body":{"value":87.4,"limit":80,"unit":"%RH"}}\n\n'
)


@router.get(
    "/events",
    summary="What happens, as it happens",
    response_class=EventStream,
    responses={
        200: {
            "description": "Server-sent events named after the ledger's kinds. An event `reset` says: you are too far "
            "behind, read your lists anew. A comment comes at least every 15 s.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **documented(401, 403, 422, 429, 503),
    },
)
async def stream_events(
    call: ReadsAlarms,
    request: Request,
    last_event_id: Annotated[
        str | None, Header(description="go on after this event; what was missed is sent first", examples=["4711"])
    ] = None,
) -> EventStream:
    """Alarms need `read:alarms`, tickets also `read:tickets`. Ends when the session or key does."""
    parts = parts_of(request)
    if parts.feed.streams >= MOST_STREAMS:
        raise TooMany("too many streams are open", 10)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventStream(_events(parts, call, last_event_id), headers=headers)


async def _events(parts: Parts, call: Call, resume: str | None) -> AsyncIterator[bytes]:
    reader = _Reader(parts, call, resume)
    wait = _RETRY_S[0]
    with parts.feed.subscribed() as woken:
        while not parts.feed.ending:
            woken.clear()
            try:
                chunk = await to_thread.run_sync(reader.read, limiter=parts.feed.readers)
            except Unavailable:
                # The database restarts; the stream outlives it. Meanwhile the client hears that the line is alive.
                yield b": waiting for the database\n\n"
                await woken_within(woken, wait)
                wait = min(wait * 2, _RETRY_S[1])
                continue
            wait = _RETRY_S[0]
            if chunk is None:
                return
            yield chunk
            await woken_within(woken, HEARTBEAT_S)


async def woken_within(woken: asyncio.Event, seconds: float) -> None:
    with anyio.move_on_after(seconds):
        await woken.wait()


class _Reader:
    """One stream's place in the ledger. ``read`` is called by one thread at a time."""

    def __init__(self, parts: Parts, call: Call, resume: str | None) -> None:
        self._parts = parts
        self._credential = call.credential
        self._last = _number(resume)

    def read(self) -> bytes | None:
        """What is new, as text of the stream; None where the session or key is no longer good. Raises Unavailable."""
        now = self._parts.now()
        with self._parts.database.transaction() as tx:
            principal = sign_in.identify(tx, self._credential, now)
            if principal is None or Scope.READ_ALARMS not in principal.scopes:
                return None
            if self._last is None:
                self._last = entries.last(tx)
                return _place(self._last)
            sight = Sight(principal.person, now)
            news = entries.news(tx, sight, *_kinds(principal.scopes), after=self._last, at_most=FURTHEST_BEHIND)
        self._last = news.last
        if news.entries is None:
            return _event(_reset(news.last, now))
        # The place is told even where nothing was seen: a client that sees little must not fall behind by that.
        return b"".join(map(_event, news.entries)) + _place(news.last)


def _number(resume: str | None) -> int | None:
    """The id to go on after; one that is no number is treated as one from another database."""
    if resume is None or not resume.strip():
        return None
    return int(resume) if resume.strip().isdecimal() and len(resume) < 19 else -FURTHEST_BEHIND - 1


def _kinds(scopes: frozenset[Scope]) -> list[ColumnElement[bool]]:
    if Scope.READ_TICKETS in scopes:
        return []
    return [or_(ledger.c.ticket_id.is_(None), ledger.c.alarm_id.is_not(None))]


def _event(entry: dict[str, Any]) -> bytes:
    shown = ("id", "at", "kind", "site_id", "equipment_id", "alarm_id", "ticket_id", "body")
    data = orjson.dumps({name: entry[name] for name in shown}, option=orjson.OPT_UTC_Z)
    return b"event: %s\nid: %d\ndata: %s\n\n" % (entry["kind"].encode(), entry["id"], data)


def _reset(last: int, now: datetime) -> dict[str, Any]:
    nothing = dict.fromkeys(("site_id", "equipment_id", "alarm_id", "ticket_id"))
    return {"id": last, "at": now.astimezone(UTC), "kind": "reset", **nothing, "body": {}}


def _place(last: int) -> bytes:
    """A comment, which also moves the client's Last-Event-ID: an event without data is not dispatched."""
    return b"id: %d\n: alive\n\n" % last
