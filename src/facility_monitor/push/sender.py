"""Sending one run of messages: what happens on a thread of its own, outside of any transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from facility_monitor.domain.message import message_token
from facility_monitor.domain.message.notice import Notice
from facility_monitor.domain.message.summary import summary
from facility_monitor.push.channel import Channel, Ended, Message, Refused, TryLater
from facility_monitor.push.desk import Run
from facility_monitor.push.lane import Lane
from facility_monitor.store.message import outbox
from facility_monitor.store.message.outbox import Claimed, Settlement

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of a claimed message. Counted in the metrics under these words."""

    SENT = "sent"
    RETRIED = "retried"
    """not taken this time"""
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    RELEASED = "released"
    """given back untried"""
    LEASE_LOST = "lease_lost"
    """settled too late: it is somebody else's by now"""


class Attempt(NamedTuple):
    """``asked`` is for how long a channel that failed asks to be left alone."""

    settlement: Settlement
    outcome: Outcome
    channel_id: int
    asked: timedelta = timedelta()


class Sender:
    """Sends through ``channels`` (by kind). Safe to use from many threads."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        locale: str,
        stopping: Callable[[], bool],
        random: Callable[[], float],
        clock: Callable[[], datetime],
    ) -> None:
        self.token_key: bytes | None = None
        """Signs the tokens of messages. None as long as it is not known: then messages go out without."""
        self._channels = channels
        self._locale = locale
        self._stopping = stopping
        self._random = random
        self._clock = clock

    def send(self, lane: Lane, run: Run) -> Iterator[Attempt]:
        """Send the messages of ``run`` in order, and yield what became of each as soon as it is known.

        After the first that does not get through, the rest is given back untried; and so is what is left when the
        leases run short or the worker stops.
        """
        channel_works = True
        for claimed in run:
            in_time = self._clock() + lane.margin <= claimed.lease.until
            if channel_works and in_time and not self._stopping():
                attempt = self._try(lane, claimed)
                channel_works = attempt.outcome in (Outcome.SENT, Outcome.REFUSED)
            else:
                attempt = Attempt(outbox.released(claimed.lease), Outcome.RELEASED, claimed.channel_id)
            yield attempt

    def _try(self, lane: Lane, claimed: Claimed) -> Attempt:
        lease, channel_id = claimed.lease, claimed.channel_id
        try:
            self._hand_over(claimed)
        except Refused as refusal:
            log.warning("message %d to channel %d was refused: %s", lease.outbox_id, channel_id, refusal)
            settlement = outbox.failed(lease, str(refusal), channel_ended=isinstance(refusal, Ended))
            return Attempt(settlement, Outcome.REFUSED, channel_id)
        except TryLater as failure:
            return self._not_now(lane, claimed, failure)
        except Exception as fault:
            log.exception("channel kind %s is at fault, message %d", claimed.kind, lease.outbox_id)
            return self._not_now(lane, claimed, TryLater(f"fault in the channel: {type(fault).__name__}"))
        return Attempt(outbox.sent(lease, self._clock()), Outcome.SENT, channel_id)

    def _hand_over(self, claimed: Claimed) -> None:
        if not claimed.enabled:
            raise Refused("the channel is switched off, or its person disabled")
        channel = self._channels.get(claimed.kind)
        if channel is None:
            raise TryLater(f"this worker has no channels of kind {claimed.kind}")
        channel.send(
            Message(
                id=f"{claimed.created_at.astimezone(UTC):%Y%m%dT%H%M%S%f}-{claimed.lease.outbox_id}",
                notice=_notice(claimed),
                locale=claimed.person_locale or self._locale,
                person=claimed.person_name,
                created_at=claimed.created_at,
                ledger_id=claimed.ledger_id,
                alarm_id=claimed.alarm_id,
                urgency=claimed.urgency,
                token=self._token(claimed),
                address=claimed.address,
                secret=claimed.secret,
            )
        )

    def _token(self, claimed: Claimed) -> str | None:
        if self.token_key is None or claimed.person_id is None:
            return None
        return message_token.made(self.token_key, claimed.lease.outbox_id, claimed.created_at)

    def _not_now(self, lane: Lane, claimed: Claimed, failure: TryLater) -> Attempt:
        now = self._clock()
        tries = claimed.attempts + 1
        asked = min(failure.retry_after or timedelta(), lane.patience)
        if now - claimed.created_at >= lane.give_up_after:
            log.warning("message %d is given up after %d tries: %s", claimed.lease.outbox_id, tries, failure)
            settlement = outbox.failed(claimed.lease, f"given up: {failure}")
            return Attempt(settlement, Outcome.GIVEN_UP, claimed.channel_id, asked)
        wait = max(lane.retry.delay(tries, self._random()), asked)
        log.info(
            "message %d to channel %d: %s; try %d in %.1f s",
            claimed.lease.outbox_id,
            claimed.channel_id,
            failure,
            tries + 1,
            wait.total_seconds(),
        )
        settlement = outbox.later(claimed.lease, now + wait, str(failure))
        return Attempt(settlement, Outcome.RETRIED, claimed.channel_id, asked)


def _notice(claimed: Claimed) -> Notice:
    notice = Notice.from_json(claimed.notice)
    if not claimed.folded:
        return notice
    return summary(notice, [Notice.from_json(each) for each in claimed.folded], claimed.folded_count)
