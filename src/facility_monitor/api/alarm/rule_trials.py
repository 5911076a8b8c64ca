"""Rules tried on what is stored: a draft, one that there is, or a change of one before it is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy import ColumnElement

from facility_monitor.api.alarm.alarm_reports import USUAL
from facility_monitor.api.alarm.rules import must_fit
from facility_monitor.api.auth import Call, WritesRules
from facility_monitor.api.models import backtests as models
from facility_monitor.api.models.fields import PathId, Time
from facility_monitor.api.models.rules import RuleDocument
from facility_monitor.api.parts import parts_of
from facility_monitor.api.problems import documented
from facility_monitor.domain.alarm.backtest import Episode, alone
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.rule_document import parsed
from facility_monitor.domain.instant import instant, moment
from facility_monitor.errors import InvalidInput, NotFound, TooMany
from facility_monitor.flows.alarm.backtest import Trial, tried
from facility_monitor.store.alarm import rules
from facility_monitor.store.database import Tx
from facility_monitor.store.tables import rule
from facility_monitor.store.views import points as places
from facility_monitor.store.views import rules as views

router = APIRouter(prefix="/rules", tags=["rules"])

MOST_SHOWN = 1_000
_WAIT_S = 5
_BEFORE, _AFTER = 1, 2
"""The ids of rules that are tried, and may stand in no table."""


@router.post(
    "/backtest",
    summary="What a rule, or a draft of one, would have raised",
    response_model=models.BacktestAnswer,
    responses=documented(401, 403, 404, 413, 422, 429, 503),
)
def backtest_rule(asked: models.Backtest, call: WritesRules, request: Request) -> dict[str, Any]:
    """Judged by the engine of live operation, over the readings that are stored. Nothing is raised and nobody is told.
    It begins to learn at `from`, and reaches what the caller sees."""
    start, end = _period(asked.start, asked.end, call.now)
    with _alone(request), call.transaction() as tx:
        trial = tried(tx, call.sight, [_asked(tx, call, asked)], instant(start), instant(end))
        shown = _trial(tx, call, trial, start, end)
    return {**shown, "count": len(trial.episodes), "alarms": _alarms(trial.episodes)}


@router.post(
    "/{rule_id}/preview",
    summary="What a change of a rule would have changed",
    response_model=models.Preview,
    responses=documented(401, 403, 404, 413, 422, 429, 503),
)
def preview_rule(
    rule_id: PathId,
    changed: RuleDocument,
    call: WritesRules,
    request: Request,
    start: Annotated[Time | None, Query(alias="from", description="default: 7 days before `to`")] = None,
    end: Annotated[Time | None, Query(alias="to", description="not included; default: now")] = None,
) -> dict[str, Any]:
    """The rule as it stands and as `changed` are judged over the same readings; see the backtest. Changes nothing."""
    start, end = _period(start, end, call.now)
    with _alone(request), call.transaction() as tx:
        standing = _one(tx, call, rule.c.id == rule_id)
        must_fit(tx, call, changed)
        both = []
        if standing["enabled"]:
            both.append(replace(rules.version(tx, rule_id, standing["version"]), id=_BEFORE))
        if changed.enabled:
            both.append(parsed(_AFTER, standing["code"], standing["version"] + 1, changed.document()))
        trial = tried(tx, call.sight, both, instant(start), instant(end))
        shown = _trial(tx, call, trial, start, end)
    was = [each for each in trial.episodes if each.rule.id == _BEFORE]
    will = [each for each in trial.episodes if each.rule.id == _AFTER]
    return {**shown, "before": _raised(was, will), "after": _raised(will, was)}


@contextmanager
def _alone(request: Request) -> Iterator[None]:
    """Raises TooMany while another trial runs in this process."""
    trying = parts_of(request).trying
    if not trying.acquire(blocking=False):
        raise TooMany("another rule is being tried just now", _WAIT_S)
    try:
        yield
    finally:
        trying.release()


def _period(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    end = min(end or now, now)
    start = start or end - USUAL
    if not start < end:
        raise InvalidInput({"from": "must come before `to`, and before now"})
    return start, end


def _asked(tx: Tx, call: Call, asked: models.Backtest) -> Rule:
    if asked.rule is None:
        standing = _one(tx, call, rule.c.code == asked.code)
        return rules.version(tx, standing["id"], standing["version"])
    try:
        must_fit(tx, call, asked.rule)
    except InvalidInput as error:
        raise InvalidInput({f"rule.{field}": told for field, told in error.fields.items()}) from None
    return parsed(_AFTER, "draft", 1, asked.rule.document())


def _one(tx: Tx, call: Call, condition: ColumnElement[bool]) -> dict[str, Any]:
    found = views.rules(tx, call.sight, condition)
    if not found:
        raise NotFound("no such rule")
    return found[0]


def _trial(tx: Tx, call: Call, trial: Trial, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "from": start,
        "to": end,
        "readings": trial.readings,
        "points": places.named(tx, call.sight, [each.id for each in trial.points]),
        "points_left_out": trial.left_out,
    }


def _raised(episodes: Sequence[Episode], others: Sequence[Episode]) -> dict[str, Any]:
    without = alone(episodes, others)
    return {
        "count": len(episodes),
        "alarms": _alarms(episodes),
        "alone_count": len(without),
        "alone": _alarms(without),
    }


def _alarms(episodes: Sequence[Episode]) -> list[dict[str, Any]]:
    ordered = sorted(episodes, key=lambda each: (each.raised_at, each.point_id))
    return [
        {
            "point_id": each.point_id,
            "raised_at": moment(each.raised_at),
            "cleared_at": None if each.cleared_at is None else moment(each.cleared_at),
            "value": each.value,
            "seen": each.seen,
        }
        for each in ordered[:MOST_SHOWN]
    ]
