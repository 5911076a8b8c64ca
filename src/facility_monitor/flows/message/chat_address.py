"""Addresses of chats and phones as Apprise knows them, checked before anything is sent there.

Apprise itself is loaded by the first that asks: it takes a while. What it logs holds addresses, and goes nowhere.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import Any
from urllib.parse import urlsplit

from facility_monitor.domain.message.robot import robot
from facility_monitor.errors import InvalidInput

_LOCAL = frozenset(
    {"dbus", "glib", "gio", "gnome", "kde", "qt", "macosx", "windows", "syslog", "rsyslog", "growl", "gntp", "mqtt"}
)
"""Schemes that show something on, or write something to, the machine that the service runs on, or its broker."""


_PUBLIC = frozenset({("bark", "api.day.app"), ("barks", "api.day.app"), ("ntfy", "ntfy.sh"), ("ntfys", "ntfy.sh")})
"""Beside the robots and ServerChan, whose addresses name no host."""


class Overheard(logging.Filter):
    """Lets nothing of Apprise's log through, and remembers the status that it complains about, by thread."""

    def __init__(self) -> None:
        super().__init__()
        self._local = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        if found := re.search(r"\berror=(\d{3})\b", record.getMessage()):
            self._local.status = int(found[1])
        return False

    def forget(self) -> None:
        """Begin anew on this thread."""
        self._local.status = None

    @property
    def status(self) -> int | None:
        """The last status on this thread since ``forget``."""
        status: int | None = getattr(self._local, "status", None)
        return status


_OVERHEARD = Overheard()


def target(address: str) -> tuple[Any, Overheard]:
    """What Apprise makes of an address (None for what it does not know), and what its log says from now on."""
    import apprise

    logging.getLogger("apprise").addFilter(_OVERHEARD)  # adding it again changes nothing
    logging.getLogger("urllib3").setLevel(logging.INFO)  # it says whole paths while it debugs
    _OVERHEARD.forget()
    return apprise.Apprise.instantiate(address, suppress_exceptions=True), _OVERHEARD


def check(address: str) -> None:
    """Raises InvalidInput naming ``address``, without a word of it."""
    try:
        scheme = urlsplit(address).scheme.lower()
        if robot(address) is not None:
            return
    except ValueError as wrong:
        raise InvalidInput({"address": str(wrong)}) from None
    if scheme in _LOCAL:
        raise InvalidInput({"address": f"{scheme}:// is not for messages to people elsewhere"})
    if target(address)[0] is None:
        raise InvalidInput({"address": "is none that Apprise knows, or is incomplete (docs/push.md has examples)"})


def check_public(address: str) -> None:
    """As ``check``, and that it leads to one of the services that everybody uses: an address with a host of its own
    could have this machine ask whatever it reaches. Raises InvalidInput naming ``address``, without a word of it."""
    check(address)
    parts = urlsplit(address)
    if robot(address) is not None:
        return
    if parts.query or ((parts.scheme.lower(), parts.hostname) not in _PUBLIC and parts.scheme.lower() != "schan"):
        raise InvalidInput({"address": "leads to a server of its own: an admin enters it"})
