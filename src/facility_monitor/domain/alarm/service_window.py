"""A window: maintenance or a test takes equipment out of service for a while, scheduled ahead, and ends by itself.

Alarms inside are evaluated and logged, and call nobody. Life safety stays live, inside too, unless the window says that
it is meant, names a substitute for it (a patrol), reaches less than the whole site, and a second person has confirmed
it. Life safety elsewhere is touched by no window.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = timedelta(days=30)
"""The longest window: what is out of service for longer is not in use (basis P)."""
LONGEST_LIFE_SAFETY = timedelta(hours=24)
"""The same where life safety is meant: GB 29837-2013 wants masked detectors replaced at once (basis L)."""


class Purpose(StrEnum):
    MAINTENANCE = "maintenance"
    TEST = "test"


class WindowEvent(StrEnum):
    """What the ledger records of windows."""

    SCHEDULED = "window_scheduled"
    CONFIRMED = "window_confirmed"
    CHANGED = "window_changed"
    CANCELLED = "window_cancelled"
    BEGUN = "window_begun"
    ENDED = "window_ended"


def wrong_fields(
    *, starts_at: datetime, ends_at: datetime, life_safety: bool, substitute: str | None, narrowed: bool, now: datetime
) -> dict[str, str]:
    """What is wrong with a new window, by field. ``narrowed``: it reaches less than the whole site."""
    wrong = {}
    longest = LONGEST_LIFE_SAFETY if life_safety else LONGEST
    if ends_at <= starts_at:
        wrong["ends_at"] = "must come after starts_at"
    elif ends_at <= now:
        wrong["ends_at"] = "must lie in the future"
    elif ends_at - starts_at > longest:
        wrong["ends_at"] = f"at most {longest // timedelta(hours=1)} h after starts_at"
    if life_safety and substitute is None:
        wrong["substitute"] = "say what replaces the alarms of life safety meanwhile"
    if life_safety and not narrowed:
        wrong["life_safety"] = "not for a whole site: name a space, a kind of equipment, or one piece of it"
    return wrong
