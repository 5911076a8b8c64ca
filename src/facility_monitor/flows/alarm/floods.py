"""Floods: the alarms of a site that come too many at a time become one summary, from its start to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from facility_monitor.domain.alarm import flood as floods
from facility_monitor.domain.alarm.alarm import Alarm
from facility_monitor.domain.alarm.flood import SPAN, TOLD_AGAIN, FloodEvent
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.text import LOCALES, said
from facility_monitor.store.alarm import floods as kept
from facility_monitor.store.alarm import occurrences
from facility_monitor.store.alarm.floods import Flood, Summary
from facility_monitor.store.database import Tx
from facility_monitor.store.evidence.ledger import Entry


class Flooded(NamedTuple):
    """The alarms, by id, that a summary stands for, and the sites at which a flood begins with them."""

    folded: Sequence[int]
    beginning: Sequence[int]


class Swell(NamedTuple):
    """What is to be told of a flood."""

    entry: Entry
    notice: Notice


def watch(tx: Tx, calls: Mapping[int, Sequence[Alarm]], now: datetime) -> Flooded:
    """Which of these alarms, in order by site, are folded rather than told each on its own."""
    if not calls:
        return Flooded((), ())
    standings = kept.standings(tx, set(calls), now - SPAN)
    folded, beginning = [], []
    for site_id, alarms in calls.items():
        flooding, announced = standings[site_id]
        for count, alarm in enumerate(alarms, announced + 1):
            if not flooding and floods.begins(count):
                flooding = True
                beginning.append(site_id)
            if flooding and floods.folds(alarm.severity, alarm.life_safety):
                folded.append(alarm.id)
    return Flooded(folded, beginning)


def carry_out(tx: Tx, flooded: Flooded, now: datetime) -> list[Swell]:
    """Begin the floods of ``flooded``, whose occurrences are stored, and say what is to be told of them."""
    begun = []
    for site_id in flooded.beginning:
        summary = kept.summary(tx, site_id, now - SPAN)
        started = kept.start(tx, site_id, summary.first_out_id, now)
        if started is not None:
            begun.append(_swell(FloodEvent.STARTED, started, summary, now))
    return begun


def review(tx: Tx, now: datetime) -> list[Swell]:
    """End what is over, and bring the summary of what goes on up to date."""
    news = []
    for each in kept.locked(tx):
        announced = occurrences.announced(tx, {each.site_id}, now - SPAN).get(each.site_id, 0)
        if floods.ends(announced):
            kept.end(tx, each.id, now)
            news.append(_swell(FloodEvent.ENDED, each, kept.summary(tx, each.site_id, each.started_at - SPAN), now))
        elif now - each.told_at >= TOLD_AGAIN and kept.grown(tx, each):
            kept.told(tx, each.id, now)
            news.append(_swell(FloodEvent.GREW, each, kept.summary(tx, each.site_id, each.started_at - SPAN), now))
    return news


def _swell(event: FloodEvent, flood: Flood, summary: Summary, now: datetime) -> Swell:
    body = {
        "flood_id": flood.id,
        "started_at": flood.started_at.isoformat(),
        "alarms": summary.alarms,
        "still_active": summary.still_active,
        "first_out_alarm_id": flood.first_out_id,
        "by_system": {each.kind: each.alarms for each in summary.systems},
        "by_severity": dict(summary.severities),
    }
    entry = Entry(event, now, now, flood.site_id, None, flood.first_out_id, None, None, None, body)
    notice = Notice(
        kind=event,
        tag=f"flood-{flood.id}",
        severity=summary.worst,
        life_safety=False,
        title={
            "zh-CN": f"报警洪水：{summary.alarms} 条报警，{summary.still_active} 条仍在",
            "en": f"Alarm flood: {summary.alarms} alarms, {summary.still_active} still active",
        },
        place=summary.site_name,
        response=_by_cause(summary),
        path="/",
    )
    return Swell(entry, notice)


_FIRST = {"zh-CN": "首发：{title}，{place}；各系统：{systems}", "en": "First: {title}, {place}. By system: {systems}"}


def _by_cause(summary: Summary) -> dict[str, str]:
    """First out, then the systems with their numbers, the most first."""
    return {
        locale: _FIRST[locale].format(
            title=said(summary.first_out_title, locale),
            place=said(summary.first_out_place, locale),
            systems=("、" if locale == "zh-CN" else ", ").join(
                f"{said(each.name, locale)} {each.alarms}" for each in summary.systems
            ),
        )
        for locale in LOCALES
    }
