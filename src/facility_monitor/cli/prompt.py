"""Passwords on the command line: asked for, read from a pipe, or made; never taken as an argument."""

from __future__ import annotations

import getpass
import sys

from facility_monitor.flows.people import passwords


def asked(make: bool) -> tuple[str, bool]:
    """The password, and whether it was made here and has to be shown.

    Asked for twice on a terminal; one line of standard input where that is a pipe.
    """
    if make:
        return passwords.made(), True
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n"), False
    while True:
        first = getpass.getpass("Password: ")
        if first == getpass.getpass("Again: "):
            return first, False
        print("They differ.", file=sys.stderr)
