"""Signed as Standard Webhooks says, so that receivers can check with any library of that scheme."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from facility_monitor.domain.message.signature import BadSecret, BadSignature, key_of, secret, sign, verify

SECRET = secret(bytes(range(32)))
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
BODY = '{"title":"湿度过高"}'.encode()


def test_the_signature_is_the_one_of_the_reference_libraries() -> None:
    # The example that the reference libraries of Standard Webhooks are tested with.
    signed = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_what_was_signed_is_verified_and_gives_its_id() -> None:
    headers = sign(SECRET, "m-1", BODY, NOW)
    assert verify(SECRET, headers, BODY, NOW) == "m-1"
    assert verify(SECRET, {name.title(): value for name, value in headers.items()}, BODY, NOW) == "m-1"


def test_a_secret_without_the_prefix_is_the_key_itself() -> None:
    secret = "湿度过高-correct horse"
    assert key_of(secret) == secret.encode()
    assert verify(secret, sign(secret, "m-1", BODY, NOW), BODY, NOW) == "m-1"


def test_one_fitting_signature_among_several_is_enough() -> None:
    headers = sign(SECRET, "m-1", BODY, NOW)
    headers["webhook-signature"] = f"v1,AAAA v2,x {headers['webhook-signature']}"
    assert verify(SECRET, headers, BODY, NOW) == "m-1"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"webhook-id": "m-2"}, "no signature fits"),
        ({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, "no signature fits"),
        ({"webhook-timestamp": "soon"}, "not in whole seconds"),
        ({"webhook-timestamp": "9" * 400}, "not in whole seconds"),
        ({"webhook-signature": "v1,"}, "no signature fits"),
        ({"webhook-signature": "v1,湿"}, "no signature fits"),
        ({"webhook-signature": ""}, "no webhook-signature"),
        ({"webhook-id": ""}, "no webhook-id"),
    ],
)
def test_whatever_was_changed_is_found(changed: dict[str, str], why: str) -> None:
    with pytest.raises(BadSignature, match=why):
        verify(SECRET, sign(SECRET, "m-1", BODY, NOW) | changed, BODY, NOW)


def test_another_body_or_another_secret_does_not_fit() -> None:
    headers = sign(SECRET, "m-1", BODY, NOW)
    with pytest.raises(BadSignature):
        verify(SECRET, headers, BODY + b" ", NOW)
    with pytest.raises(BadSignature):
        verify(secret(bytes(32)), headers, BODY, NOW)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_recording_played_again_is_too_old(minutes: int) -> None:
    with pytest.raises(BadSignature, match="too far from now"):
        verify(SECRET, sign(SECRET, "m-1", BODY, NOW), BODY, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "bad",
    ["", "password", "whsec_", "whsec_!!!!", "whsec_" + base64.b64encode(bytes(23)).decode(), "whsec_" + "湿" * 32],
)
def test_a_bad_secret_is_named_but_not_told(bad: str) -> None:
    with pytest.raises(BadSecret) as caught:
        key_of(bad)
    assert not bad.removeprefix("whsec_") or bad.removeprefix("whsec_") not in str(caught.value)


def test_a_key_goes_over_and_comes_back() -> None:
    assert key_of(secret(bytes(range(24)))) == bytes(range(24))
    with pytest.raises(BadSecret):
        secret(bytes(65))
