"""Summaries: one message in place of many, where each by itself would only be noise."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.text import LOCALES, Text

SHOWN = 6
"""How many are named; the others are counted."""


class SummaryKind(StrEnum):
    """Kinds of notices that stand for others."""

    DIGEST = "digest"
    """of low severity, collected for a quarter of an hour"""
    OVER = "over"
    """of what was dealt with, or ended, while a channel could not be reached"""


def frame(kind: SummaryKind, channel_id: int) -> Notice:
    """A summary that is still empty."""
    return Notice(
        kind=kind,
        tag=f"{kind}-{channel_id}",
        severity=Severity.LOW,
        life_safety=False,
        title={},
        place={},
        response={},
        path="/",
    )


def summary(empty: Notice, notices: Sequence[Notice], count: int) -> Notice:
    """``empty`` filled with the first of ``count`` notices. A digest of one is that one itself."""
    if count == 1 and empty.kind == SummaryKind.DIGEST:
        return notices[0]
    return Notice(
        kind=empty.kind,
        tag=empty.tag,
        severity=empty.severity,
        life_safety=False,
        title=_TITLES[SummaryKind(empty.kind)](count),
        place={},
        response={locale: _list(notices, count, locale) for locale in LOCALES},
        path=empty.path,
    )


def _list(notices: Sequence[Notice], count: int, locale: str) -> str:
    named = [notice.headline(locale) for notice in notices[:SHOWN]]
    more = count - len(named)
    if more > 0:
        named.append(f"另有 {more} 条" if locale.startswith("zh") else f"and {more} more")
    return ("；" if locale.startswith("zh") else "; ").join(named)


def _digest(count: int) -> Text:
    return {"zh-CN": f"{count} 条低级别报警", "en": f"{count} alarms of low severity"}


def _over(count: int) -> Text:
    word = "alarm" if count == 1 else "alarms"
    return {
        "zh-CN": f"通道中断期间的 {count} 条报警，均已确认或解除",
        "en": f"{count} {word} while this channel was down, acknowledged or over by now",
    }


_TITLES = {SummaryKind.DIGEST: _digest, SummaryKind.OVER: _over}
