"""Combinations of conditions over the points of one equipment, such as: pump running and pressure low."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from facility_monitor.domain.alarm.condition import Circumstances, Condition, Memory, Seen, Signal
from facility_monitor.domain.alarm.condition.wording import span
from facility_monitor.domain.instant import Instant
from facility_monitor.domain.reading.reading import Quality, Reading
from facility_monitor.domain.text import LOCALES, Text, said


@dataclass(frozen=True, slots=True)
class Part:
    """A condition on the single value of one ``metric``.

    It holds once it has been so for ``lasting`` microseconds, and up to ``within`` microseconds after it was so last.
    """

    metric: str
    of: Condition
    lasting: Instant = 0
    within: Instant = 0
    name: Text = field(default_factory=dict, hash=False, repr=False)
    """how people call the metric, where it is bound"""

    def so(self, value: float) -> bool:
        """Whether ``value`` alone, however long it stands, is what it asks for."""
        return self.of.signal(Reading(0, 0, 0, value, Quality.GOOD, 0)) is Signal.ABNORMAL


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NotOf:
    part: Node


Node = Part | AllOf | AnyOf | NotOf
Known = Sequence[Any]
"""Of one part: whether it holds (None: nothing has come), and since when (None: since before anything came)."""


@dataclass(frozen=True, slots=True)
class Combination(Condition):
    """Abnormal while ``root`` holds. Of a part that has sent nothing yet it is not known, nor then of what rests on it;
    but where ``root`` is a choice, an alternative that is not known, or cannot be, stands in the way of no other.

    With ``until`` it stays abnormal after ``root`` has ended, until that has held at some time since ``root`` began.
    Where nothing is known of ``until`` it goes by ``root`` alone, and a sensor that always says so ends no alarm early.
    A part's own deadband keeps it as it was. The value is that of the first part; where that is one of a choice, the
    sentence says it or the others, by the value.
    """

    kind: ClassVar[str] = "combination"

    root: Node
    until: Node | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.metric for part in self._leaves()))

    def bound(self, to: Circumstances) -> Combination | None:
        root = _alternatives(self.root, to) if isinstance(self.root, AnyOf) else _bound(self.root, to)
        until = None if self.until is None else _bound(self.until, to)
        return None if root is None else replace(self, root=root, until=until)

    def begin(self) -> Memory:
        return [0.0, [[None, None]] * sum(1 for _ in self._leaves()), False, False]

    def see(self, memory: Memory, reading: Reading, metric: str) -> Seen:
        value, before, waiting, was = memory or self.begin()
        known = list(before)
        for index, part in enumerate(self._leaves()):
            if part.metric != metric:
                continue
            if index == 0:
                value = reading.value
            signal, so_far = part.of.signal(reading), known[index][0]
            holds = so_far if signal is Signal.UNDECIDED else signal is Signal.ABNORMAL
            if holds is not so_far:
                known[index] = [holds, None if so_far is None and not holds else reading.at]
        if self.until is not None:
            stood, stands = (self._root(each, reading.at, []) for each in (before, known))
            over, ends = (self._over(each, reading.at, []) for each in (before, known))
            began = stands is True and stood is not True if was else bool(stood or stands)
            waiting, was = (waiting or began) and not (over and not began) and not ends, stands is True
        return self.at([value, known, waiting, was], reading.at)

    def at(self, memory: Memory, instant: Instant) -> Seen:
        value, known, waiting, _ = memory
        due: list[Instant] = []
        holds = self._root(known, instant, due)
        if waiting and not holds:
            holds = not self._over(known, instant, due)
        signal = Signal.UNDECIDED if holds is None else Signal.ABNORMAL if holds else Signal.NORMAL
        return Seen(memory, signal, value, min(due, default=None))

    def _leaves(self) -> Iterator[Part]:
        yield from _leaves(self.root)
        if self.until is not None:
            yield from _leaves(self.until)

    def _root(self, known: Sequence[Known], instant: Instant, due: list[Instant]) -> bool | None:
        if not isinstance(self.root, AnyOf):
            return _holds(self.root, iter(known), instant, due)
        own = iter(known)
        told = [each for part in self.root.parts if (each := _holds(part, own, instant, due)) is not None]
        return any(told) if told else None

    def _over(self, known: Sequence[Known], instant: Instant, due: list[Instant]) -> bool:
        """Whether ``until`` holds, or nothing is known of it."""
        own = known[sum(1 for _ in _leaves(self.root)) :]
        return self.until is None or _holds(self.until, iter(own), instant, due) is not False

    def over(self, value: float, at: Instant, memory: Memory) -> Text:
        del value, at, memory
        return {"zh-CN": "条件不再同时满足", "en": "the conditions no longer hold together"}

    def sentence(self, value: float) -> Text:
        root = self.root
        if isinstance(root, AnyOf):
            first, *others = root.parts
            if isinstance(first, Part):
                root = first if first.so(value) else AnyOf(tuple(others))
        if isinstance(root, Part):
            return root.of.sentence(value)
        return {locale: _said(root, locale) for locale in LOCALES}


def _leaves(node: Node) -> Iterator[Part]:
    if isinstance(node, Part):
        yield node
    elif isinstance(node, NotOf):
        yield from _leaves(node.part)
    else:
        for part in node.parts:
            yield from _leaves(part)


def _alternatives(choice: AnyOf, to: Circumstances) -> Node | None:
    """Those that make sense there: a maker's code set that has no word for one says nothing against the others."""
    parts = tuple(part for part in (_bound(part, to) for part in choice.parts) if part is not None)
    return AnyOf(parts) if len(parts) > 1 else next(iter(parts), None)


def _bound(node: Node, to: Circumstances) -> Node | None:
    if isinstance(node, Part):
        of = node.of.bound(replace(to, metric=node.metric))
        return None if of is None else replace(node, of=of, name=to.metric_names.get(node.metric, {}))
    if isinstance(node, NotOf):
        part = _bound(node.part, to)
        return None if part is None else NotOf(part)
    parts = tuple(part for part in (_bound(part, to) for part in node.parts) if part is not None)
    return replace(node, parts=parts) if len(parts) == len(node.parts) else None


def _holds(node: Node, known: Iterator[Known], instant: Instant, due: list[Instant]) -> bool | None:
    """Whether ``node`` holds at ``instant``; None where that is not known. Adds to ``due`` when that may change."""
    if isinstance(node, Part):
        holds, since = next(known)
        if since is None:
            return None if holds is None else bool(holds)
        change = since + (node.lasting if holds else node.within and node.within + 1)
        if instant < change:
            due.append(change)
        return bool(holds) is (instant >= change)
    if isinstance(node, NotOf):
        holds = _holds(node.part, known, instant, due)
        return None if holds is None else not holds
    each = [_holds(part, known, instant, due) for part in node.parts]
    decisive = isinstance(node, AnyOf)
    if decisive in each:
        return decisive
    return None if None in each else not decisive


def _said(node: Node, locale: str) -> str:
    chinese = locale == "zh-CN"
    if isinstance(node, Part):
        words = f"{said(node.name, locale) or node.metric}{'' if chinese else ' '}{node.of.clause()[locale]}"
        if node.lasting:
            words += f"已 {span(node.lasting)[locale]}" if chinese else f" for {span(node.lasting)[locale]}"
        if node.within:
            words += f"（{span(node.within)[locale]}内）" if chinese else f" within {span(node.within)[locale]}"
        return words
    if isinstance(node, NotOf):
        return f"并非（{_said(node.part, locale)}）" if chinese else f"not ({_said(node.part, locale)})"
    if isinstance(node, AllOf):
        return ("且" if chinese else " and ").join(_said(part, locale) for part in node.parts)
    return ("或" if chinese else " or ").join(_said(part, locale) for part in node.parts)
