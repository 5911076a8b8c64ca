"""Accounting: every value of a batch is entered under its holder, once as it arrives and once by what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.balance import Holder, HolderOf, Sheet
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.domain.reading.telemetry import Decoded, Reject, Status, Telemetry

Owned = tuple[Holder, Sequence[tuple[Point, float]]]
"""The holder of a message, and its values with the points that they belong to."""


def enter(
    batch: Iterable[Decoded],
    rejects: Iterable[Reject],
    known: Iterable[Reject],
    resolved: Sequence[Owned],
    fresh: Sequence[Reading],
    holder_of: HolderOf,
) -> Sheet:
    """The sheet of a batch.

    ``rejects`` are those that are new, ``known`` those that had been kept before; ``resolved`` are the values that
    have a place, ``fresh`` those of them that were stored as new.
    """
    sheet = Sheet()
    received, rejected = sheet.received, sheet.rejected
    for decoded in batch:
        if type(decoded) is Telemetry:
            _add(received, holder_of(decoded.site, decoded.device), len(decoded.values))
        elif type(decoded) is Reject:
            _add(received, holder_of(*decoded.speaker), decoded.stands_for)
    for counts, some in ((rejected, rejects), (sheet.duplicate, known)):
        for each in some:
            holder = holder_of(*each.speaker)
            _add(counts, holder, each.stands_for)
            if each.of and type(each.of[0]) is Status:  # a status counts only where it becomes a reject
                _add(received, holder, each.stands_for)

    arrived: dict[Holder, int] = {}
    for holder, values in resolved:
        _add(arrived, holder, len(values))
    if len(fresh) == sum(arrived.values()):
        sheet.stored = arrived
        return sheet
    holders = {point.id: holder for holder, values in resolved for point, _ in values}
    for reading in fresh:
        _add(sheet.stored, holders[reading.point_id], 1)
    for holder, count in arrived.items():
        if count != sheet.stored.get(holder, 0):
            _add(sheet.duplicate, holder, count - sheet.stored.get(holder, 0))
    return sheet


def _add(account: dict[Holder, int], holder: Holder, values: int) -> None:
    account[holder] = account.get(holder, 0) + values
