"""The evaluator: all points with their rules, what each remembers, and what readings and passing time make of it.

Pure and deterministic: the same readings in the same order of arrival give the same verdicts, however they are cut into
batches, and whenever somebody looks at the clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from facility_monitor.domain.alarm.alarm_clock import AlarmClock
from facility_monitor.domain.alarm.attempt import Attempt, Judgement, Pair, Shown
from facility_monitor.domain.alarm.judge import (
    UNTRACKED,
    Change,
    Phase,
    Track,
    Verdicts,
    elapse,
    interrupt,
    judge,
    judge_together,
    next_change,
)
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.alarm.watch import Watch, watch
from facility_monitor.domain.instant import MILLISECOND, Instant
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Reading

GRACE: Instant = 500 * MILLISECOND
"""How much longer than its delay a hold must last before the clock alone ends it: a value may still be on its way."""
_AT_REST = Phase.NORMAL


class Remembered(NamedTuple):
    """What is known of a point between readings: the newest one, and each rule's track in the rules' order."""

    last: Reading | None
    tracks: tuple[Track, ...]


class Evaluator:
    """The memory of all points. Not for use by several threads.

    ``take``, ``take_calm``, ``elapse`` and ``absent`` write into an ``Attempt`` only.
    """

    def __init__(self) -> None:
        self.points: dict[int, Point] = {}
        self._lasts: dict[int, Reading] = {}
        self._tracks: dict[int, tuple[Track, ...]] = {}
        self._feeds: dict[int, tuple[tuple[int, int], ...]] = {}
        self._sources: dict[Pair, tuple[int, ...]] = {}
        self._watches: dict[int, Watch] = {}
        self._restless: set[int] = set()
        """the points where a rule is not in its normal phase"""
        self._alarm_clock = AlarmClock(self._wake)
        self._deaf: list[tuple[Instant, Instant]] = []

    def install(self, points: Mapping[int, Point], remembered: Mapping[int, Remembered]) -> None:
        """Watch ``points`` from now on, all of which are in ``remembered``."""
        self.points = dict(points)
        self._lasts = {point_id: known.last for point_id, known in remembered.items() if known.last is not None}
        self._tracks = {point_id: known.tracks for point_id, known in remembered.items()}
        at_equipment: dict[tuple[int, str], int] = {}
        for point in sorted(self.points.values(), key=lambda point: point.id):
            at_equipment.setdefault((point.equipment_id, point.metric), point.id)
        feeds: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._sources = {}
        for point in self.points.values():
            for index, rule in enumerate(point.rules):
                inputs = rule.condition.inputs
                if inputs:
                    sources = sources_of(rule, point, at_equipment)
                    self._sources[rule.id, point.id] = sources
                    for source in sources:
                        feeds[source].append((point.id, index))
        self._feeds = {source: tuple(fed) for source, fed in feeds.items()}
        together = {id(point.rules): point.rules for point in self.points.values()}
        shared = {key: watch(rules) for key, rules in together.items()}
        self._watches = {point.id: shared[id(point.rules)] for point in self.points.values()}
        self._restless = {point_id for point_id, tracks in self._tracks.items() if not _at_rest(tracks)}
        self._alarm_clock = AlarmClock(self._wake)
        for point_id in self._tracks:
            self._alarm_clock.set(point_id)

    def remembered(self, point_id: int) -> Remembered | None:
        """What is known of a point; None where it is not watched."""
        tracks = self._tracks.get(point_id)
        return None if tracks is None else Remembered(self._lasts.get(point_id), tracks)

    def last(self, point_id: int) -> Reading | None:
        """The newest reading of a point."""
        return self._lasts.get(point_id)

    def track(self, attempt: Attempt, pair: Pair) -> tuple[Rule, Track]:
        """The rule of a pair and its track, after the attempt."""
        rule_id, point_id = pair
        rules = self.points[point_id].rules
        index = next(index for index, rule in enumerate(rules) if rule.id == rule_id)
        return rules[index], self._tracks_in(attempt, point_id)[index]

    def take_calm(self, attempt: Attempt, readings: Sequence[Reading]) -> list[Reading]:
        """Take those of ``readings`` that are news to no rule; returns the others, which are to be judged one by one.

        Nothing can happen at a point that only limits watch while no timer is running there, all its values are within
        the limits, and each is newer than the one before it.
        """
        watches, lasts, noted, feeds = self._watches, self._lasts, attempt.lasts, self._feeds
        busy = self._restless | attempt.stirred
        for reading in readings:
            point_id, at, _, value, _, _ = reading
            lowest, highest, always, _ = watches[point_id]
            before = noted.get(point_id) or lasts.get(point_id)
            if (
                always
                or point_id in feeds
                or not lowest <= value <= highest
                or (before is not None and at <= before.at)
            ):
                busy.add(point_id)
            noted[point_id] = reading
        if not busy:
            return []
        for point_id in busy:
            noted.pop(point_id, None)
        return [reading for reading in readings if reading.point_id in busy]

    def take(self, attempt: Attempt, reading: Reading, *, historical: bool = False) -> None:
        """Judge the reading that arrived next; one that is ``historical`` is no news, and changes nothing.

        Conditions of several points are judged once all readings of the same message and instant are there: with the
        first reading of another, or by ``settle``.
        """
        if attempt.shown:
            first, _ = next(iter(attempt.shown.values())).readings[0]
            if reading.at != first.at or reading.received_at != first.received_at:
                self.settle(attempt)
        point_id = reading.point_id
        if historical:
            self._pin(attempt, point_id)
            return
        last = self._last_in(attempt, point_id)
        late = last is not None and reading.at < last.at
        lowest, highest, always, every = self._watches[point_id]
        calm = lowest <= reading.value <= highest and point_id not in self._restless and point_id not in attempt.stirred
        rules = always if calm else every
        if rules:
            self._judge(attempt, rules, last, reading, late)
        if not late:
            attempt.lasts[point_id] = reading
        if self._feeds and not late:
            for home_id, index in self._feeds.get(point_id, ()):
                self._show(attempt, home_id, index, reading, None if last is None else last.at)

    def _judge(
        self, attempt: Attempt, rules: Sequence[tuple[int, Rule]], last: Reading | None, reading: Reading, late: bool
    ) -> None:
        """Show a reading to ``rules`` of its point, which are given with their indices; ``last`` is the one before."""
        point_id, at = reading.point_id, reading.at
        since, held = (None, reading.value) if last is None else (last.at, last.value)
        deaf = 0
        if last is not None and self._deaf and last.received_at < self._deaf[-1][1]:
            deaf = self._deaf_between(last.received_at, reading.received_at)
        known = self._tracks_in(attempt, point_id)
        tracks: list[Track] | None = None
        for index, rule in rules:
            before = known[index]
            if deaf and rule.condition.by_absence and not late:
                # what we could not hear is no absence
                track, passed = elapse(rule, before, held, at - 1 - deaf)
                after, verdicts = judge(rule, track, held, reading, since=None, late=False)
                verdicts = passed + verdicts
            else:
                after, verdicts = judge(rule, before, held, reading, since=since, late=late)
            if after is not before:
                tracks = tracks or list(known)
                tracks[index] = after
                self._tell(attempt, point_id, rule, before, after, verdicts, at)
        if tracks:
            attempt.tracks[point_id] = tuple(tracks)

    def elapse(self, attempt: Attempt, now: Instant) -> None:
        """Judge the passing of time where something is due. All that had arrived by ``now`` must have been taken.

        A point's own clock is its newest reading's event time plus what has passed since that arrived, so that a
        device whose clock is slow, or a backlog after an outage, makes no alarm that live operation would not.
        """
        for point_id in self._alarm_clock.called(now):
            for index, rule in enumerate(self.points[point_id].rules):
                track, last = self._tracks[point_id][index], self._newest(attempt, rule, point_id)
                if last is None:
                    continue
                until = last.at + now - last.received_at - GRACE
                if rule.condition.by_absence:
                    until -= self._deaf_between(last.received_at, now)
                after, verdicts = elapse(rule, track, last.value, until)
                self._note(attempt, point_id, index, track, after, verdicts, last.at)

    def pass_to(self, attempt: Attempt, until: Instant) -> None:
        """Judge the passing of time at every point up to ``until``, of event time."""
        for point_id, point in self.points.items():
            for index, rule in enumerate(point.rules):
                track, last = self._tracks[point_id][index], self._newest(attempt, rule, point_id)
                after, verdicts = elapse(rule, track, 0.0 if last is None else last.value, until)
                self._note(attempt, point_id, index, track, after, verdicts, until)

    def absent(self, attempt: Attempt, point_ids: Iterable[int], told_at: Instant) -> None:
        """Somebody told at ``told_at``, by our clock, that nothing will come of these points until they are back."""
        for point_id in point_ids:
            last = self._last_in(attempt, point_id)
            if last is not None and last.received_at > told_at:
                continue
            tracks = self._tracks_in(attempt, point_id)
            for index, rule in enumerate(self.points[point_id].rules):
                if not rule.condition.by_absence:
                    continue
                track = before = tracks[index]
                at = told_at if last is None else last.at + told_at - last.received_at
                passed: Verdicts = ()
                if last is not None:
                    track, passed = elapse(rule, track, last.value, at - 1)
                after, verdicts = interrupt(rule, track, at, 0.0)
                self._note(attempt, point_id, index, before, after, passed + verdicts, at)

    def keep(self, attempt: Attempt) -> None:
        """Adopt what a committed attempt brought."""
        self._lasts.update(attempt.lasts)
        self._tracks.update(attempt.tracks)
        for point_id in attempt.timed:
            self._alarm_clock.set(point_id)
        for point_id in attempt.stirred:
            if _at_rest(self._tracks[point_id]):
                self._restless.discard(point_id)
            else:
                self._restless.add(point_id)

    def due(self, now: Instant) -> bool:
        """Whether the passing of time has to be judged somewhere."""
        return self._alarm_clock.due(now)

    def deaf(self, start: Instant, end: Instant) -> None:
        """From ``start`` to ``end``, by our clock, nothing could have reached us: nobody's silence counts there."""
        if end > start:
            self._deaf = [*self._deaf[-15:], (start, end)]

    def _deaf_between(self, start: Instant, end: Instant) -> Instant:
        return sum(max(0, min(end, until) - max(start, since)) for since, until in self._deaf)

    def _pin(self, attempt: Attempt, point_id: int) -> None:
        """What was not shown to conditions must not be shown to them after a restart either."""
        point = self.points[point_id]
        attempt.pinned.update((rule.id, point_id) for rule in point.rules if rule.condition.remembers)
        for home_id, index in self._feeds.get(point_id, ()):
            attempt.pinned.add((self.points[home_id].rules[index].id, home_id))

    def _show(self, attempt: Attempt, home_id: int, index: int, reading: Reading, before: Instant | None) -> None:
        """Keep a reading for the condition of several points that is borne by ``home_id``.

        ``before`` is the instant of the reading before at the same point, whose newest this one is already.
        """
        metric = self.points[reading.point_id].metric
        shown = attempt.shown.get((home_id, index))
        if shown is not None:
            shown.readings.append((reading, metric))
            return
        since = before
        for source in self._sources[self.points[home_id].rules[index].id, home_id]:
            if source != reading.point_id:
                last = self._last_in(attempt, source)
                if last is not None and (since is None or last.at > since):
                    since = last.at
        attempt.shown[home_id, index] = Shown(since, [(reading, metric)])

    def settle(self, attempt: Attempt) -> None:
        """Judge the conditions of several points by all that they were shown; the message is complete.

        Clocks of devices differ: for a condition no reading is older than one that came before it.
        """
        for (home_id, index), (since, readings) in attempt.shown.items():
            rule, track = self.points[home_id].rules[index], self._tracks_in(attempt, home_id)[index]
            if since is not None and readings[0][0].at < since:
                readings = [(reading._replace(at=since), metric) for reading, metric in readings]
            after, verdicts = judge_together(rule, track, readings, since=since)
            self._note(attempt, home_id, index, track, after, verdicts, readings[0][0].at)
        attempt.shown.clear()

    def lasts(self, attempt: Attempt, rule: Rule, point_id: int) -> list[Reading]:
        """The newest reading of each point that the rule is shown for ``point_id``."""
        sources = self._sources.get((rule.id, point_id), (point_id,))
        found = (self._last_in(attempt, source) for source in sources)
        return [last for last in found if last is not None]

    def _newest(self, attempt: Attempt, rule: Rule, point_id: int) -> Reading | None:
        """The newest reading that the rule was shown for ``point_id``."""
        return max(self.lasts(attempt, rule, point_id), key=lambda last: last.at, default=None)

    def _last_in(self, attempt: Attempt, point_id: int) -> Reading | None:
        return attempt.lasts.get(point_id) or self._lasts.get(point_id)

    def _tracks_in(self, attempt: Attempt, point_id: int) -> tuple[Track, ...]:
        return attempt.tracks.get(point_id) or self._tracks[point_id]

    def _note(
        self,
        attempt: Attempt,
        point_id: int,
        index: int,
        before: Track,
        after: Track,
        verdicts: Verdicts,
        at: Instant,
    ) -> None:
        """Enter what became of the track of a point's rule at ``index``."""
        if after is not before:
            tracks = self._tracks_in(attempt, point_id)
            attempt.tracks[point_id] = (*tracks[:index], after, *tracks[index + 1 :])
            self._tell(attempt, point_id, self.points[point_id].rules[index], before, after, verdicts, at)

    def _tell(
        self,
        attempt: Attempt,
        point_id: int,
        rule: Rule,
        before: Track,
        after: Track,
        verdicts: Verdicts,
        at: Instant,
    ) -> None:
        """Enter what is to be saved, watched and told since the track of a point's rule became another one."""
        pair, seen = (rule.id, point_id), after.seen
        if after.timer is not before.timer:
            attempt.moved.add(pair)
            attempt.stirred.add(point_id)
        if seen is not before.seen and not rule.condition.by_last:
            attempt.learned[pair] = at
        if after.timer.phase is not _AT_REST or (seen is not None and seen.due is not None):
            attempt.timed.add(point_id)
        if verdicts:
            memory = None if seen is None else seen.memory
            for verdict in verdicts:
                condition = rule.condition
                tell = condition.over if verdict.change is Change.RETURNED else condition.told
                told = tell(verdict.value, verdict.at, memory)
                attempt.judgements.append(Judgement(rule, self.points[point_id], verdict, told))

    def _wake(self, point_id: int) -> Instant | None:
        """When, by our clock, the next thing is due at a point if nothing more arrives."""
        point, earliest = self.points[point_id], None
        for index, track in enumerate(self._tracks[point_id]):
            if track is UNTRACKED:
                continue
            rule = point.rules[index]
            change = next_change(rule, track)
            if change is None:
                continue
            last = self._newest(_NOTHING, rule, point_id) if rule.condition.inputs else self.last(point_id)
            if last is None:
                continue
            wake = change + last.received_at - last.at + GRACE
            if rule.condition.by_absence and self._deaf:
                wake += self._deaf_between(last.received_at, wake)
            if earliest is None or wake < earliest:
                earliest = wake
        return earliest


_NOTHING = Attempt()
"""An attempt that changes nothing: what is kept, as it is."""


def _at_rest(tracks: Sequence[Track]) -> bool:
    return all(track.timer.phase is _AT_REST for track in tracks)


def sources_of(rule: Rule, point: Point, at_equipment: Mapping[tuple[int, str], int]) -> tuple[int, ...]:
    """The points that a condition of several is shown; of several of one metric the one with the lowest id."""
    found = []
    for metric in rule.condition.inputs:
        source = point.id if metric == point.metric else at_equipment.get((point.equipment_id, metric))
        if source is not None:
            found.append(source)
    return tuple(found)
