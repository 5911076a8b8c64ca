"""Passwords on the command line: asked for, read from a pipe, or made; never taken as an argument."""

from __future__ import annotations

import getpass
import secrets
import sys

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what is mistaken for something else."""


def made() -> str:
    """A password of 60 bits in groups that can be read out and typed on a phone."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def asked(make: bool) -> tuple[str, bool]:
    """The password, and whether it was made here and has to be shown.

    Asked for twice on a terminal; one line of standard input where that is a pipe.
    """
    if make:
        return made(), True
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n"), False
    while True:
        first = getpass.getpass("Password: ")
        if first == getpass.getpass("Again: "):
            return first, False
        print("They differ.", file=sys.stderr)
