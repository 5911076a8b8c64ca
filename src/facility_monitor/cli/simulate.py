"""``simulate``: the simulators, which are a program of their own (``python -m simulators``)."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import simulators.cli


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "simulated sensors, and replay of recordings: the same as python -m simulators"
    commands.add_parser("simulate", help=words, add_help=False)


def run(words: Sequence[str]) -> int:
    """Hand ``words`` to the simulators."""
    return simulators.cli.main(list(words))
