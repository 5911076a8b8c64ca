"""Announce: from what happened to a queued message for each one who has to know, in the same transaction."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from facility_monitor.domain.alarm.alarm import AlarmEvent, Quiet
from facility_monitor.domain.alarm.flood import FloodEvent
from facility_monitor.domain.alarm.rule import Severity
from facility_monitor.domain.elevator.part import PartEvent
from facility_monitor.domain.fire.technical_file import TechnicalEvent
from facility_monitor.domain.fire.upkeep import UpkeepEvent
from facility_monitor.domain.message.escalation import ESCALATED, chosen, first
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.rota import Position
from facility_monitor.domain.person import Person
from facility_monitor.domain.repair.ticket import TicketEvent
from facility_monitor.errors import Conflict, NotFound
from facility_monitor.store import plant
from facility_monitor.store.database import Tx
from facility_monitor.store.message import escalations, folding, outbox, receipts, recipients
from facility_monitor.store.message.outbox import Draft
from facility_monitor.store.message.recipients import Rank, Recipient, Way

log = logging.getLogger(__name__)

TEST = "test"
"""The kind of a notice that only tries out a channel."""


class Matter(NamedTuple):
    """Something that happened and has to be told. ``alarm_id`` is None where no alarm is behind it.

    ``quiet`` is why no person is called for it (shelved, suppressed, ...); systems are told all the same.

    ``people`` are called for it, whatever its kind, and where none of them can be reached whoever is on duty; None
    leaves it to the kind, and to who is on duty in ``position``.
    """

    ledger_id: int
    site_id: int
    alarm_id: int | None
    notice: Notice
    quiet: Quiet | None = None
    ticket_id: int | None = None
    people: tuple[int, ...] | None = None
    position: Position = Position.ENGINEER


CALLS_PEOPLE: Mapping[str, Callable[[Matter], bool]] = {
    # Somebody has to look, now.
    AlarmEvent.RAISED: lambda _: True,
    AlarmEvent.RERAISED: lambda _: True,
    AlarmEvent.REALARMED: lambda _: True,
    AlarmEvent.ANNOUNCED: lambda _: True,
    FloodEvent.STARTED: lambda _: True,
    FloodEvent.GREW: lambda _: True,
    # A second person is needed for it.
    AlarmEvent.SHELVING_REQUESTED: lambda _: True,
    ESCALATED: lambda _: True,
    # Of a ticket that an alarm opened, the alarm has told already.
    TicketEvent.OPENED: lambda matter: matter.alarm_id is None,
    # Something has to be done within days; nothing else would say so.
    UpkeepEvent.REMINDED: lambda _: True,
    # A duty of a week or more was not done: its manager answers for it.
    UpkeepEvent.MISSED: lambda _: True,
    PartEvent.ORDER_DUE: lambda _: True,
    TechnicalEvent.EXPIRES: lambda _: True,
    TicketEvent.ASSIGNED: lambda _: True,
    TicketEvent.HOLD_ASKED: lambda _: True,
    TicketEvent.WARNED: lambda _: True,
    TicketEvent.BREACHED: lambda _: True,
    TicketEvent.CALL_MISSED: lambda _: True,
    TicketEvent.RESUMED: lambda _: True,
}
"""What people are called for. All else (acknowledged, returned, cleared, ...) asks nothing of them: it stands on their
screen, and a phone that rings for it is soon not answered. Systems are told everything, to keep their own copy true."""

ESCALATES = frozenset({AlarmEvent.RAISED, AlarmEvent.RERAISED, AlarmEvent.REALARMED, AlarmEvent.ANNOUNCED})
"""What somebody has to take: else the next one is told."""
SETTLES = frozenset(
    {
        *(AlarmEvent.ACKNOWLEDGED, AlarmEvent.CLEARED, AlarmEvent.SHELVED, AlarmEvent.SUPPRESSED),
        AlarmEvent.TAKEN_OUT_OF_SERVICE,
    }
)
"""After which nobody else is told. That the condition has ended is not among them: somebody has to have seen it."""
URGENCY: Mapping[str, int] = {
    Severity.CRITICAL: 1,
    Severity.HIGH: 2,
    Severity.MEDIUM: 3,
    Severity.LOW: 4,
}
SYSTEM = "webhook"
"""The kind of channel behind which is a program, not people."""
COLLECTING = frozenset({"web_push", "apprise"})
"""Kinds of channels to which low severities go as a digest."""
DIGEST_EVERY = timedelta(minutes=15)
"""On the quarter hour."""
LIFE_SAFETY = 0
"""The urgency of whatever may cost a life; it overtakes all others."""


def urgency(notice: Notice) -> int:
    """0 for life safety, else 1 (critical) to 4 (low)."""
    return LIFE_SAFETY if notice.life_safety else URGENCY[notice.severity]


def announce(tx: Tx, matters: Sequence[Matter], now: datetime) -> int:
    """Queue one message for each matter and channel that has to know; returns how many were queued.

    The number of statements does not depend on that of the matters. A matter (by its ledger entry) that was announced
    before is not queued again. Where nobody on duty can be reached, the site's managers are told, else the admins; this
    is logged, and so is, as an error, that there was nobody at all.

    People are told by the channels that they prefer, those of the same preference at once; where life is at stake, by
    all that they have, and where that is one channel only, so are the next who would stand in.
    """
    if not matters:
        return 0
    of_site: dict[tuple[int, Position], list[Recipient]] = defaultdict(list)
    for position in {matter.position for matter in matters}:
        sites = {matter.site_id for matter in matters if matter.position is position}
        for recipient in recipients.of_sites(tx, sites, now, position):
            of_site[recipient.site_id, position].append(recipient)
    named = {number for matter in matters for number in matter.people or ()}
    ways = recipients.of_people(tx, named) if named else []
    shown = plant.shown(tx, {matter.alarm_id for matter in matters if matter.alarm_id is not None})
    calling: dict[tuple[int, Position], list[str]] = defaultdict(list)
    drafts: list[_Drafted] = []
    for matter in matters:
        asked = [way for way in ways if way.person_id in (matter.people or ())]
        calls = _calls(matter)
        if calls and not asked:
            calling[matter.site_id, matter.position].append(matter.notice.tag)
        there = [
            each for each in of_site[matter.site_id, matter.position] if matter.notice.life_safety or not each.reserve
        ]
        # a group's robot is people too: it stays quiet where they are
        systems = [each for each in there if each.person_id is None and (matter.quiet is None or each.kind == SYSTEM)]
        on_duty = [each for each in there if each.person_id is not None] if calls else []
        drafts += _drafts(matter, [*systems, *_by_preference(asked or on_duty, matter.notice)], shown)
    for (site_id, position), tags in calling.items():
        if position is Position.ENGINEER:
            _note_absence(site_id, of_site[site_id, position], tags)
    _escalate(tx, matters, shown, now)
    acknowledged = {each.alarm_id for each in matters if each.notice.kind == AlarmEvent.ACKNOWLEDGED and each.alarm_id}
    if acknowledged:
        receipts.taken(tx, acknowledged, now)
    at_once = [each.draft for each in drafts if not each.collected]
    collected = [each.draft for each in drafts if each.collected]
    return len(outbox.add(tx, at_once, now)) + len(folding.collect(tx, collected, _next_digest(now), now))


def _escalate(tx: Tx, matters: Sequence[Matter], shown: Mapping[int, plant.Shown], now: datetime) -> None:
    """What calls for an alarm begins its escalation, anew where one is under way; who takes the alarm ends it."""
    begins, ends = {}, set()
    for matter in matters:
        if matter.alarm_id is None:
            continue
        if matter.notice.kind in ESCALATES and _calls(matter):
            begins[matter.alarm_id] = matter
            ends.discard(matter.alarm_id)
        elif matter.notice.kind in SETTLES or matter.quiet is not None:
            begins.pop(matter.alarm_id, None)
            ends.add(matter.alarm_id)
    if ends:
        escalations.stop(tx, ends, now)
    if not begins:
        return
    policies = escalations.policies(tx).values()
    steps = []
    for alarm_id, (_, site_id, _, notice, *_) in begins.items():
        kind = shown[alarm_id].equipment_kind
        policy = chosen(policies, site_id, kind, notice.severity, life_safety=notice.life_safety)
        if policy is not None and (step := first(policy, now)) is not None:
            steps.append(escalations.Pending(alarm_id, site_id, policy.id, *step, notice.as_json()))
    escalations.put(tx, steps)


def _next_digest(now: datetime) -> datetime:
    return now + DIGEST_EVERY - (now - datetime.min.replace(tzinfo=now.tzinfo)) % DIGEST_EVERY


class _Drafted(NamedTuple):
    draft: Draft
    collected: bool
    """told in the next digest"""


def _calls(matter: Matter) -> bool:
    kind = matter.notice.kind
    if matter.quiet is not None:
        return False
    return matter.people is not None or (kind in CALLS_PEOPLE and CALLS_PEOPLE[kind](matter))


def _by_preference(ways: Sequence[Recipient | Way], notice: Notice) -> Iterable[Recipient | Way]:
    return (way for way in ways if way.first or notice.life_safety)


def _drafts(matter: Matter, ways: Iterable[Recipient | Way], shown: Mapping[int, plant.Shown]) -> list[_Drafted]:
    notice, how = matter.notice, shown.get(matter.alarm_id or 0)
    if how is not None:
        notice = replace(notice, shown_unit=how.unit, shown_scale=how.scale, decimals=how.decimals)
    body, urgent = notice.as_json(), urgency(notice)
    return [
        _Drafted(
            Draft(matter.ledger_id, matter.alarm_id, each.person_id, each.channel_id, urgent, body, matter.ticket_id),
            collected=urgent == URGENCY[Severity.LOW] and each.kind in COLLECTING,
        )
        for each in ways
    ]


_STAND_INS = {
    Rank.SUPERVISOR: "its supervisors are",
    Rank.MANAGER: "its managers are",
    Rank.ADMIN: "the admins are",
}


def _note_absence(site_id: int, told: Sequence[Recipient], tags: Sequence[str]) -> None:
    ranks = {each.rank for each in told} - {None}
    first = f"{tags[0]} and {len(tags) - 1} more" if len(tags) > 1 else tags[0]
    if not ranks:
        log.error("site %d: no person can be reached, nobody is told of %s", site_id, first)
    elif Rank.ON_DUTY not in ranks:
        stand_in = next(words for rank, words in _STAND_INS.items() if rank in ranks)
        log.warning("site %d: nobody on duty can be reached, %s told of %s", site_id, stand_in, first)


def test_notice(tx: Tx, channel_id: int, person: Person, now: datetime) -> int:
    """Queue a message that tries out a channel, on behalf of ``person``; returns its outbox id.

    Raises NotFound for an unknown channel, Conflict for one that is switched off.
    """
    found = recipients.of_channel(tx, channel_id)
    if found is None:
        raise NotFound(f"channel {channel_id}")
    if not found.enabled:
        raise Conflict(f"channel {channel_id} is switched off")
    notice = Notice(
        kind=TEST,
        tag=f"test-{channel_id}",
        severity=Severity.LOW,
        life_safety=False,
        title={"zh-CN": "测试消息", "en": "Test message"},
        place={"zh-CN": "设施监控", "en": "Facility monitor"},
        response={
            "zh-CN": f"{person.name} 用它试一下这个通道，无需处理",
            "en": f"{person.name} is trying out this channel, there is nothing to do",
        },
        path="/",
    )
    (outbox_id,) = outbox.add(
        tx, [Draft(None, None, found.person_id, channel_id, urgency(notice), notice.as_json())], now
    )
    return outbox_id
