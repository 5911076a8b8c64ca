"""Whether the service lives and is ready, and its counters. Open to everybody: they hold nothing of the plant."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import select

from facility_monitor.api.models.fields import Output, example
from facility_monitor.api.parts import IngestTally, Parts, parts_of
from facility_monitor.errors import Unavailable
from facility_monitor.store import migrate

router = APIRouter(tags=["health"])


class Alive(Output):
    model_config = example(status="ok")
    status: Literal["ok"] = "ok"


class Ready(Output):
    """``checks`` names each part and how it stands."""

    model_config = example(status="ready", checks={"database": "revision 0002", "broker": "connected"})
    status: Literal["ready", "not ready"]
    checks: dict[str, str]


@router.get("/healthz", summary="Whether the process answers", response_model=Alive)
async def is_alive() -> Alive:
    return Alive()


@router.get(
    "/readyz",
    summary="Whether the parts that are needed answer",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Some part does not"}},
)
def is_ready(request: Request, response: Response) -> Ready:
    """The database at the newest migration; the broker where the ingest runs in the same process."""
    parts = parts_of(request)
    ready, standing = _database(parts)
    checks = {"database": standing}
    if parts.ingest is not None:
        checks["broker"] = _broker(parts.ingest)
        ready = ready and checks["broker"] != "away"
    if not ready:
        response.status_code = 503
    return Ready(status="ready" if ready else "not ready", checks=checks)


def _database(parts: Parts) -> tuple[bool, str]:
    try:
        with parts.database.transaction() as tx:
            tx.execute(select(1))
    except Unavailable:
        # What the driver says holds host and account names; who asks here has not signed in.
        return False, "away"
    try:
        return True, migrate.standing(parts.database)
    except Unavailable as behind:
        return False, str(behind)


def _broker(ingest: IngestTally) -> str:
    if not ingest.holding_slot:
        return "standing by"
    return "connected" if ingest.connected else "away"


@router.get(
    "/metrics",
    summary="Counters for Prometheus",
    response_class=Response,
    responses={
        200: {"description": "Prometheus text format", "content": {"text/plain": {"schema": {"type": "string"}}}}
    },
)
def show_metrics(request: Request) -> Response:
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
