"""A token stands for one message until its time is over, and nobody else can make one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facility_monitor.domain.message.message_token import LASTS, BadToken, made, message_of

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KEY = bytes(32)


@pytest.mark.parametrize("number", [1, 4711, 2**63 - 1])
def test_a_token_names_its_message_until_its_time_is_over(number: int) -> None:
    token = made(KEY, number, NOW)
    assert message_of(KEY, token, NOW + LASTS - timedelta(seconds=1)) == number
    with pytest.raises(BadToken, match="time is over"):
        message_of(KEY, token, NOW + LASTS)


def test_no_letter_of_a_token_can_be_changed() -> None:
    token = made(KEY, 7, NOW)
    for place, letter in enumerate(token):
        for other in "Ab9_":
            changed = token[:place] + other + token[place + 1 :]
            if other != letter and changed != token:
                with pytest.raises(BadToken):
                    message_of(KEY, changed, NOW)


@pytest.mark.parametrize("token", ["", "A", "äöü", "A" * 99, "../x", "=" * 39, " " * 39])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        message_of(KEY, token, NOW)


def test_another_service_s_token_is_none() -> None:
    with pytest.raises(BadToken):
        message_of(b"x" * 32, made(KEY, 7, NOW), NOW)
