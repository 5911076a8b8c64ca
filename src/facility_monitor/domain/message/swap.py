"""Shifts that change hands: whoever has one asks a colleague, who takes it or does not."""

from __future__ import annotations

from enum import StrEnum


class SwapEvent(StrEnum):
    """What the ledger records of a swap."""

    ASKED = "duty_swap_asked"
    ACCEPTED = "duty_swap_accepted"
    DECLINED = "duty_swap_declined"
    WITHDRAWN = "duty_swap_withdrawn"


class Outcome(StrEnum):
    """How a request ended."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"
    """the shift has gone to somebody else meanwhile"""
