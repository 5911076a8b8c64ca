"""The push service of the bench takes only what a real one and the phone would take, and says what it did not."""

from __future__ import annotations

import time

from cryptography.hazmat.primitives.asymmetric import ec

from facility_monitor.bench.phone import base64url, point
from facility_monitor.bench.push_service import push_service
from facility_monitor.domain.message.subscription import Subscription
from facility_monitor.push.channel import Message
from facility_monitor.push.web_push import WebPush
from tests.people import NOW, a_notice


def message(to: Subscription, number: int) -> Message:
    fixed = {"locale": "en", "person": "Li", "created_at": NOW, "ledger_id": 1, "alarm_id": 7, "urgency": 1}
    return Message(
        id=f"m-{number}",
        notice=a_notice(),
        token="t",
        address=to.endpoint,
        secret=to.keys(),
        **fixed,  # type: ignore[arg-type]
    )


def test_what_nobody_would_take_is_no_arrival() -> None:
    ours, foreign = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    with push_service(2, base64url(point(ours.public_key()))) as phones:
        here, there = phones.subscriptions
        sealed_for_another = Subscription(here.endpoint, there.p256dh, there.auth)
        before = time.time()
        for number, (key, to) in enumerate(((ours, there), (foreign, here), (ours, sealed_for_another))):
            sender = WebPush(lambda key=key: key, "https://fm.example", loopback=True)  # type: ignore[misc]
            sender.send(message(to, number))
            sender.close()
        assert phones.wait(3, 5.0) == 3
        arrivals, wrong = phones.take()
    assert [(each.phone, each.id, each.path) for each in arrivals] == [(1, "m-0", "/alarms/7")]
    assert before <= arrivals[0].at <= time.time()
    assert wrong[0] == "it is of another service"
    assert wrong[1].startswith("this phone cannot open it")
