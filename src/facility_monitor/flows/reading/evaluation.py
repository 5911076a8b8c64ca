"""Evaluation: the readings of a batch become verdicts, and what the rules remember is kept where a restart finds it.

Timers are saved in the batch's own transaction. The memory of a condition changes with every reading; it is saved at
intervals, with how far it goes, and rebuilt at the start from the readings stored since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from facility_monitor.domain.alarm.attempt import Attempt, Pair
from facility_monitor.domain.alarm.evaluator import Evaluator, Remembered, sources_of
from facility_monitor.domain.alarm.judge import UNTRACKED, Track
from facility_monitor.domain.alarm.recall import Checkpoint, recall
from facility_monitor.domain.alarm.rule import Rule
from facility_monitor.domain.instant import SECOND, Instant, instant
from facility_monitor.domain.plant import Point
from facility_monitor.domain.reading.reading import Reading
from facility_monitor.flows.alarm import alarms
from facility_monitor.store.alarm import states
from facility_monitor.store.database import Tx
from facility_monitor.store.reading import readings

CHECKPOINT: Instant = 120 * SECOND
"""How far, in event time, a memory may go beyond what is saved of it."""
LOOK_BACK: Instant = 3600 * SECOND
"""How far a rule that remembers nothing yet looks back from the newest reading, at most to when it was made."""


class Evaluation:
    """The evaluator of one ingest worker and its memory in the database. Not for use by several threads.

    ``judge`` and ``elapse`` change nothing here; ``keep`` adopts what they brought once the transaction is committed.
    """

    def __init__(self) -> None:
        self._evaluator = Evaluator()
        self._saved: dict[Pair, Instant] = {}

    @property
    def points(self) -> int:
        """How many points are watched."""
        return len(self._evaluator.points)

    def last(self, point_id: int) -> Reading | None:
        """The newest reading of a point."""
        return self._evaluator.last(point_id)

    def due(self, heard: Instant) -> bool:
        """Whether the passing of time up to ``heard`` has to be judged somewhere."""
        return self._evaluator.due(heard)

    def deaf(self, start: datetime, end: datetime) -> None:
        """From ``start`` to ``end`` nothing could reach us: nobody's silence counts there."""
        self._evaluator.deaf(instant(start), instant(end))

    def refresh(self, tx: Tx, points: Mapping[int, Point]) -> None:
        """Watch ``points`` by their rules from now on; what is remembered of points and unchanged rules stays."""
        fresh = [point_id for point_id in points if self._evaluator.remembered(point_id) is None]
        newest = readings.latest(tx, fresh)
        stored = states.load(tx, points)
        remembered: dict[int, Remembered] = {}
        recalled: list[tuple[Rule, Point]] = []
        for point_id, point in points.items():
            known = self._evaluator.remembered(point_id)
            before = () if known is None else self._evaluator.points[point_id].rules
            if known is not None and before == point.rules:
                remembered[point_id] = known
                continue
            last = newest.get(point_id) if known is None else known.last
            tracks: list[Track] = []
            for rule in point.rules:
                if known is not None and rule in before:
                    tracks.append(known.tracks[before.index(rule)])
                    continue
                saved = stored.get((rule.id, point_id))
                tracks.append(UNTRACKED if saved is None else Track(saved.timer))
                if rule.condition.by_last and last is not None:
                    tracks[-1] = tracks[-1]._replace(seen=rule.condition.see(None, last, point.metric))
                elif rule.condition.remembers:
                    recalled.append((rule, point))
            remembered[point_id] = Remembered(last, tuple(tracks))
        self._recall(tx, points, recalled, stored, remembered)
        self._evaluator.install(points, remembered)

    def judge(
        self,
        tx: Tx,
        fresh: Sequence[Reading],
        historical: Set[readings.Identity],
        gone: Sequence[tuple[Instant, Sequence[int]]],
        now: datetime,
    ) -> tuple[Attempt, int]:
        """Judge new readings in the order of arrival, but for the ``historical`` ones, and carry out what follows.

        ``gone``: when somebody told that nothing will come of some points, in order. Returns the attempt to ``keep``
        and the number of transitions.
        """
        attempt, evaluator = Attempt(), self._evaluator
        leaving = list(reversed(gone))
        news = fresh if historical else evaluator.take_calm(attempt, fresh)
        for reading in sorted(news, key=readings.arrival):
            while leaving and leaving[-1][0] < reading.received_at:
                evaluator.settle(attempt)
                told_at, point_ids = leaving.pop()
                evaluator.absent(attempt, point_ids, told_at)
            evaluator.take(attempt, reading, historical=bool(historical) and reading[:3] in historical)
        evaluator.settle(attempt)
        for told_at, point_ids in reversed(leaving):
            evaluator.absent(attempt, point_ids, told_at)
        return attempt, self._carry_out(tx, attempt, now)

    def elapse(self, tx: Tx, heard: Instant, now: datetime) -> tuple[Attempt, int]:
        """Judge the passing of time where something is due. All that had arrived by ``heard`` must have been judged."""
        attempt = Attempt()
        self._evaluator.elapse(attempt, heard)
        return attempt, self._carry_out(tx, attempt, now)

    def keep(self, attempt: Attempt) -> None:
        """Adopt what a committed attempt brought."""
        self._saved.update(attempt.saved)
        self._evaluator.keep(attempt)

    def _carry_out(self, tx: Tx, attempt: Attempt, now: datetime) -> int:
        transitions = alarms.record(tx, attempt.judgements, now)
        states.save(tx, [self._row(attempt, pair) for pair in self._to_save(attempt)])
        return transitions

    def _to_save(self, attempt: Attempt) -> set[Pair]:
        """All whose timers moved, and those whose memory has gone far beyond what is saved of it."""
        pairs = attempt.moved | attempt.pinned
        for pair, reached in attempt.learned.items():
            if reached - self._saved.get(pair, -CHECKPOINT) >= CHECKPOINT:
                pairs.add(pair)
        return pairs

    def _row(self, attempt: Attempt, pair: Pair) -> states.Row:
        """What is saved of a pair."""
        rule, track = self._evaluator.track(attempt, pair)
        if not rule.condition.remembers or rule.condition.by_last:
            return states.Row(pair, track.timer)
        lasts = self._evaluator.lasts(attempt, rule, pair[1])
        folded_at = min((last.at for last in lasts), default=0)
        heard_at = max((last.received_at for last in lasts), default=0)
        attempt.saved[pair] = attempt.learned.get(pair, folded_at)
        return states.Row(pair, track.timer, rule.condition, track.seen, folded_at, heard_at)

    def _recall(
        self,
        tx: Tx,
        points: Mapping[int, Point],
        wanted: Iterable[tuple[Rule, Point]],
        stored: Mapping[states.Key, states.Saved],
        remembered: dict[int, Remembered],
    ) -> None:
        """Rebuild the memories of ``wanted``, each from its checkpoint and the readings stored since."""
        at_equipment: dict[tuple[int, str], int] = {}
        for point in sorted(points.values(), key=lambda point: point.id):
            at_equipment.setdefault((point.equipment_id, point.metric), point.id)
        plans: list[tuple[Rule, Point, tuple[int, ...], Checkpoint]] = []
        starts: dict[int, Instant] = {}
        for rule, point in wanted:
            sources = sources_of(rule, point, at_equipment) if rule.condition.inputs else (point.id,)
            lasts = [last for source in sources if (last := remembered[source].last) is not None]
            if not lasts:
                continue
            saved = stored.get((rule.id, point.id))
            if saved is not None and saved.checkpoint is not None and saved.memory_of == states.mark(rule.condition):
                start = saved.checkpoint
                self._saved[rule.id, point.id] = start.folded_at
            else:
                from_here = max(last.at for last in lasts) - LOOK_BACK
                start = Checkpoint(None, from_here, rule.changed_at)
            plans.append((rule, point, sources, start))
            for source in sources:
                starts[source] = min(start.folded_at, starts.get(source, start.folded_at))
        if not plans:
            return
        told: dict[int, list[Reading]] = defaultdict(list)
        for reading in readings.since(tx, starts):
            told[reading.point_id].append(reading)
        for rule, point, sources, start in plans:
            lines = [each for source in sources for each in told[source] if each.at >= start.folded_at]
            if len(sources) > 1:
                lines.sort(key=readings.arrival)
            metrics = {source: points[source].metric for source in sources}
            seen = recall(rule.condition, start, lines, metrics)
            known = remembered[point.id]
            index = point.rules.index(rule)
            track = known.tracks[index]._replace(seen=seen)
            tracks = (*known.tracks[:index], track, *known.tracks[index + 1 :])
            remembered[point.id] = known._replace(tracks=tracks)
