"""The HTTP API as one ASGI app. Nothing is global: two apps in one process do not know of each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry

from facility_monitor import __version__
from facility_monitor.api import docs, events, health, problems, web
from facility_monitor.api.alarm import (
    alarm_reports,
    alarms,
    rule_transfer,
    rule_trials,
    rules,
    suppressions,
    transitions,
    windows,
)
from facility_monitor.api.elevator import (
    car,
    codes,
    elevator_budget,
    elevator_duty,
    elevator_parts,
    elevator_tests,
    elevator_warnings,
    elevators,
    limits,
    scorecards,
)
from facility_monitor.api.feed import Feed
from facility_monitor.api.fire import (
    checks,
    files,
    inspection,
    inspection_links,
    photos,
    register,
    rounds,
    technical_files,
    upkeep,
)
from facility_monitor.api.guard import Guard
from facility_monitor.api.message import answer_page, channels, escalation, messages, push
from facility_monitor.api.metrics import Books, HttpMetrics, Messages, Standing
from facility_monitor.api.parts import IngestTally, Parts
from facility_monitor.api.people import duty, keys, organisations, people, rotas, session, staffing, swaps
from facility_monitor.api.plant import equipment, sites
from facility_monitor.api.reading import balance, devices, readings, rejects, retention, unknown_devices
from facility_monitor.api.repair import report_page, report_places, ticket_reports, ticket_work, tickets
from facility_monitor.settings import Settings
from facility_monitor.store.database import Database
from facility_monitor.store.evidence.files import Files

_RESOURCES = (
    *(session, people, organisations, duty, rotas, swaps, escalation, channels, push, messages, keys),
    *(sites, equipment, devices, readings, retention, rejects),
    *(unknown_devices, balance),
    *(rule_transfer, rule_trials, rules, alarm_reports, transitions, alarms, windows, suppressions, events),
    *(tickets, ticket_work, ticket_reports, report_places, photos, files, technical_files, staffing),
    *(
        codes,
        elevators,
        limits,
        car,
        elevator_tests,
        elevator_warnings,
        elevator_duty,
        elevator_parts,
        elevator_budget,
        scorecards,
    ),
    *(register, upkeep, rounds, checks, inspection_links, inspection),
)


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    database: Database,
    ingest: IngestTally | None = None,
    *,
    registry: CollectorRegistry | None = None,
    now: Callable[[], datetime] = _now,
    dist: Path = web.DIST,
) -> FastAPI:
    """The app on ``database``, which the caller closes. Event streams need its lifespan to run.

    ``ingest`` is the tally of a worker in the same process, for readiness and counters; other parts may put their
    counters into ``registry``. ``now`` is the clock, aware UTC; ``dist`` is where the web app was built.
    """
    registry = registry or CollectorRegistry()
    parts = Parts(settings, database, now, Feed(database), ingest, Files(settings.evidence_dir))

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        feed: Feed = served.state.parts.feed
        feed.start()
        yield
        feed.end()
        await feed.stopped()

    app = FastAPI(
        title="facility_monitor",
        version=__version__,
        summary="From a sensor's reading to an alarm on a phone and a repair ticket with a deadline",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation,
    )
    app.state.parts = parts
    app.state.registry = registry
    app.state.web = dist
    metrics = HttpMetrics(registry)
    registry.register(Standing(parts.feed, ingest))
    registry.register(Books(database))
    registry.register(Messages(database, now))
    problems.install(app)
    app.add_middleware(Guard, metrics=metrics)

    api = APIRouter(prefix="/api/v1")
    for resource in _RESOURCES:
        api.include_router(resource.router)
    app.include_router(api)
    app.include_router(health.router)
    app.include_router(docs.router)
    app.include_router(answer_page.router)
    app.include_router(report_page.router)
    app.include_router(web.router)
    docs.describe(app)
    return app


def _operation(route: APIRoute) -> str:
    return route.name
