"""The ingest's balance sheet: the values that arrived, by what became of them and by whose they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Holder = int
"""Whose values are counted: a device's id; a site's id below zero, for devices of the site that nobody knows; or
``NOBODY``, where not even the site is known."""

NOBODY: Holder = 0

HolderOf = Callable[[str | None, str | None], Holder]
"""(site, device), as far as they are told, to the holder."""


def nobody(_site: str | None, _device: str | None) -> Holder:
    """Where no plant is known."""
    return NOBODY


class Account(NamedTuple):
    """Values by what became of them. A message that cannot be read counts as one value.

    ``missing`` are messages: numbers that the device has left out in counting and not sent since.
    """

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    missing: int = 0

    @property
    def difference(self) -> int:
        """Values of which nobody knows what became of them; 0, or something is wrong with the service."""
        return self.received - self.stored - self.duplicate - self.rejected


@dataclass(slots=True)
class Sheet:
    """The accounts of one batch: values by holder, for each thing that can become of them.

    ``received`` is counted on what the decoders gave, the others where each fate is decided.
    """

    received: dict[Holder, int] = field(default_factory=dict)
    stored: dict[Holder, int] = field(default_factory=dict)
    duplicate: dict[Holder, int] = field(default_factory=dict)
    rejected: dict[Holder, int] = field(default_factory=dict)
    missing: dict[Holder, int] = field(default_factory=dict)

    def holders(self) -> list[Holder]:
        """Everybody whose account has changed."""
        if not (self.rejected or self.missing):
            return list(self.received)
        return list({**self.received, **self.rejected, **self.missing})

    def total(self) -> Account:
        """All accounts in one."""
        return Account(
            sum(self.received.values()),
            sum(self.stored.values()),
            sum(self.duplicate.values()),
            sum(self.rejected.values()),
            sum(self.missing.values()),
        )
