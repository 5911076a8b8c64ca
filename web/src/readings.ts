// Readings of one point over a span of time: one by one, page by page, the latest first; or, over a longer span, summed
// up in steps.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from './api';
import { now } from './clock';
import { failureOf, type Failure } from './problem';
import { isDoubtful } from './quantity';
import type { Quality, Reading, Step } from './shapes';

/** More would take minutes to fetch and could not be told apart on a phone; what is left out is said. */
const MOST = 12_000;
const APPEND_MS = 10_000;
const STEPS_AGAIN_MS = 60_000;

/** What is drawn at one place: a reading, or a step with its mean, its extremes and how many readings it is made of. */
export interface Sample {
  readonly at: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly count: number;
  readonly quality: Quality;
}

export interface Readings {
  /** In order of time. */
  readonly items: readonly Sample[];
  /** The length of a step in seconds, null where the items are single readings. */
  readonly step: number | null;
  readonly loading: boolean;
  readonly failure: Failure | undefined;
  /** If there were too many: they begin here instead of at the span's begin, in ms since 1970. */
  readonly cutAt: number | undefined;
  reload(): void;
}

/** `from` and `to` in ms since 1970; a null `to` is now and goes on. */
export function useReadings(pointId: number, from: number, to: number | null, inSteps: boolean): Readings {
  const [items, setItems] = useState<readonly Sample[]>([]);
  const [step, setStep] = useState<number | null>(null);
  const [loading, setLoading] = useState(true);
  const [failure, setFailure] = useState<Failure>();
  const [cutAt, setCutAt] = useState<number>();
  const [round, setRound] = useState(0);
  const latest = useRef(items);
  latest.current = items;

  useEffect(() => {
    const own = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setItems([]);
    setStep(null);
    setFailure(undefined);
    setCutAt(undefined);
    setLoading(true);
    void (inSteps ? readSteps() : read());
    return () => {
      clearTimeout(timer);
      own.abort();
    };

    async function readSteps(): Promise<void> {
      try {
        const found = await api.steps(pointId, from, to ?? now(), own.signal);
        if (own.signal.aborted) return;
        setStep(found.step_s);
        setItems(found.items.map(ofStep));
        setFailure(undefined);
      } catch (error) {
        if (own.signal.aborted) return;
        setFailure(failureOf(error));
      }
      setLoading(false);
      if (to === null) timer = setTimeout(() => void readSteps(), STEPS_AGAIN_MS);
    }

    async function read(): Promise<void> {
      const until = to ?? now();
      let cursor: string | null = null;
      let found: readonly Sample[] = [];
      try {
        do {
          const page = await api.readings(pointId, from, until, cursor, own.signal);
          if (own.signal.aborted) return;
          found = [...[...page.items].reverse().map(ofReading), ...found];
          setItems(found);
          cursor = page.next_cursor;
        } while (cursor !== null && found.length < MOST);
        const first = found[0];
        if (cursor !== null && first !== undefined) setCutAt(Date.parse(first.at));
        if (to === null) timer = setTimeout(() => void append(), APPEND_MS);
      } catch (error) {
        if (own.signal.aborted) return;
        setFailure(failureOf(error));
      }
      setLoading(false);
    }

    async function append(): Promise<void> {
      const last = latest.current.at(-1);
      try {
        const page = await api.readings(pointId, last === undefined ? from : Date.parse(last.at), now(), null, own.signal);
        if (own.signal.aborted) return;
        const fresh = [...page.items].reverse().filter((reading) => last === undefined || Date.parse(reading.at) > Date.parse(last.at));
        if (fresh.length > 0) setItems([...latest.current, ...fresh.map(ofReading)]);
      } catch (error) {
        if (own.signal.aborted) return;
        failureOf(error); // the line is down, and the banner says so; the next try fills the hole
      }
      timer = setTimeout(() => void append(), APPEND_MS);
    }
  }, [pointId, from, to, inSteps, round]);

  return { items, step, loading, failure, cutAt, reload: () => setRound(round + 1) };
}

export function ofReading({ at, value, quality }: Reading): Sample {
  return { at, value, low: value, high: value, last: value, count: 1, quality };
}

export function ofStep({ at, min, max, mean, last, count }: Step): Sample {
  return { at, value: mean, low: min, high: max, last, count, quality: 'good' };
}

export interface Drawable {
  /** Seconds since 1970. */
  readonly at: number[];
  /** Values, null where the line must break. */
  readonly line: (number | null)[];
  /** The extremes of each step, null where there is none. */
  readonly low: (number | null)[];
  readonly high: (number | null)[];
  /** Values of doubtful quality, drawn hollow and off the line. */
  readonly doubtful: (number | null)[];
}

/**
 * Samples as the chart draws them. Where nothing came for more than three report periods the line breaks: a gap is
 * drawn as a gap. `period` in seconds; without one the usual distance of these readings stands in.
 */
export function drawable(items: readonly Sample[], period: number | null, scale: number): Drawable {
  const drawn: Drawable = { at: [], line: [], low: [], high: [], doubtful: [] };
  const usual = period ?? usualDistance(items);
  let before: number | undefined;
  for (const { at: told, value, low, high, quality } of items) {
    const at = Date.parse(told) / 1000;
    if (before !== undefined && usual !== null && at - before > 3 * usual) put(before + usual, null, null, null, null);
    if (isDoubtful(quality)) put(at, null, null, null, value * scale);
    else put(at, value * scale, low * scale, high * scale, null);
    before = at;
  }
  return drawn;

  function put(at: number, line: number | null, low: number | null, high: number | null, doubtful: number | null): void {
    drawn.at.push(at);
    drawn.line.push(line);
    drawn.low.push(low);
    drawn.high.push(high);
    drawn.doubtful.push(doubtful);
  }
}

function usualDistance(items: readonly Sample[]): number | null {
  if (items.length < 3) return null;
  const distances = items.slice(1).map((item, index) => Date.parse(item.at) - Date.parse(items[index]!.at));
  distances.sort((a, b) => a - b);
  return Math.max(1, distances[Math.floor(distances.length / 2)]! / 1000);
}
