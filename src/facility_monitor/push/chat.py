"""Chats, phones and mail by address: the group robots of WeCom, DingTalk and Feishu, and all that Apprise reaches.

The robots are spoken to directly, since they say 200 where they refuse, which Apprise takes for success. Apprise itself
tells no more than whether it worked; the status of a failure is read from what it logs on the sending thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from datetime import UTC, datetime

from facility_monitor.domain.message.robot import HOSTS, Robot, Vendor, Verdict, robot
from facility_monitor.flows.message import chat_address
from facility_monitor.push.channel import Delivered, Message, Refused, TryLater
from facility_monitor.push.wire import AGAIN, Wire
from facility_monitor.push.wording import announcement

LIMIT_S = 15.0
"""How long Apprise may take for one message, seconds."""
THREADS = 16
"""How many messages may be with Apprise at once; those that hang keep their thread."""


def _utc() -> datetime:
    return datetime.now(UTC)


class Chat:
    """Sends to addresses of robots and of Apprise. ``public_url`` is how people reach the service, for links.

    ``hosts`` are the robots' servers.
    """

    def __init__(
        self,
        public_url: str | None = None,
        *,
        hosts: Mapping[Vendor, str] = HOSTS,
        limit_s: float = LIMIT_S,
        clock: Callable[[], datetime] = _utc,
    ) -> None:
        self._public_url = public_url.rstrip("/") if public_url else None
        self._hosts = hosts
        self._limit_s = limit_s
        self._clock = clock
        self._wire = Wire(anywhere=hosts is not HOSTS)
        self._threads = ThreadPoolExecutor(THREADS, "push-apprise")
        self._free = threading.Semaphore(THREADS)

    def send(self, message: Message) -> Delivered:
        try:
            known = robot(message.address)
        except ValueError as wrong:
            raise Refused(f"the channel's address {wrong}") from None
        title, body = self._text(message)
        if known is not None:
            return self._by_robot(known, f"{title}\n{body}")
        if not self._free.acquire(blocking=False):
            raise TryLater("too many messages hang in Apprise")
        job = self._threads.submit(_notify, message.address, title, body)
        job.add_done_callback(self._freed)
        try:
            return job.result(self._limit_s)
        except Late:
            job.cancel()
            raise TryLater(f"took longer than {self._limit_s:.0f} s") from None

    def _freed(self, _job: Future[Delivered]) -> None:
        self._free.release()

    def _by_robot(self, known: Robot, text: str) -> Delivered:
        url = known.url(self._hosts[known.vendor], self._clock())
        answer = self._wire.post(url, {"content-type": "application/json"}, known.body(text))
        if not answer.taken:
            if answer.worth_another_try:
                raise TryLater(answer.said, answer.retry_after(self._clock()))
            raise Refused(answer.said)
        verdict, said = known.verdict(answer.body)
        if verdict is Verdict.REFUSED:
            raise Refused(said)
        if verdict is not Verdict.TAKEN:
            raise TryLater(said)
        return Delivered()

    def _text(self, message: Message) -> tuple[str, str]:
        title, body = announcement(message.notice, message.locale)
        if self._public_url is not None:
            body += f"\n{self._public_url}{message.notice.path}"
            if message.token is not None and message.alarm_id is not None:
                words = "确认" if message.locale.startswith("zh") else "Acknowledge"
                body += f"\n{words}: {self._public_url}/m/{message.token}"
        return title, body

    def close(self) -> None:
        self._wire.close()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _notify(address: str, title: str, body: str) -> Delivered:
    """On a thread of its own."""
    target, overheard = chat_address.target(address)
    if target is None:
        raise Refused("Apprise does not know the channel's address")
    if target.notify(body=body, title=title, body_format="text"):
        return Delivered()
    status = overheard.status
    if status is None:
        raise TryLater("did not get through")
    if 400 <= status < 500 and status not in AGAIN:
        raise Refused(f"answered {status}")
    raise TryLater(f"answered {status}")
