// Readings of one point over a span of time, page by page, the latest first.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api } from './api';
import { now } from './clock';
import { failureOf, type Failure } from './problem';
import { isDoubtful } from './quantity';
import type { Reading } from './shapes';

/** More would take minutes to fetch and could not be told apart on a phone; what is left out is said. */
const MOST = 12_000;
const APPEND_MS = 10_000;

export interface Readings {
  /** In order of time. */
  readonly items: readonly Reading[];
  readonly loading: boolean;
  readonly failure: Failure | undefined;
  /** If there were too many: they begin here instead of at the span's begin, in ms since 1970. */
  readonly cutAt: number | undefined;
  reload(): void;
}

/** `from` and `to` in ms since 1970; a null `to` is now and goes on. */
export function useReadings(pointId: number, from: number, to: number | null): Readings {
  const [items, setItems] = useState<readonly Reading[]>([]);
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
    setFailure(undefined);
    setCutAt(undefined);
    setLoading(true);
    void read();
    return () => {
      clearTimeout(timer);
      own.abort();
    };

    async function read(): Promise<void> {
      const until = to ?? now();
      let cursor: string | null = null;
      let found: readonly Reading[] = [];
      try {
        do {
          const page = await api.readings(pointId, from, until, cursor, own.signal);
          if (own.signal.aborted) return;
          found = [...[...page.items].reverse(), ...found];
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
        if (fresh.length > 0) setItems([...latest.current, ...fresh]);
      } catch (error) {
        if (own.signal.aborted) return;
        failureOf(error); // the line is down, and the banner says so; the next try fills the hole
      }
      timer = setTimeout(() => void append(), APPEND_MS);
    }
  }, [pointId, from, to, round]);

  return { items, loading, failure, cutAt, reload: () => setRound(round + 1) };
}

export interface Drawable {
  /** Seconds since 1970. */
  readonly at: number[];
  /** Values, null where the line must break. */
  readonly line: (number | null)[];
  /** Values of doubtful quality, drawn hollow and off the line. */
  readonly doubtful: (number | null)[];
}

/**
 * Readings as the chart draws them. Where nothing came for more than three report periods the line breaks: a gap is
 * drawn as a gap. `period` in seconds; without one the usual distance of these readings stands in.
 */
export function drawable(items: readonly Reading[], period: number | null, scale: number): Drawable {
  const drawn: Drawable = { at: [], line: [], doubtful: [] };
  const usual = period ?? usualDistance(items);
  let before: number | undefined;
  for (const reading of items) {
    const at = Date.parse(reading.at) / 1000;
    if (before !== undefined && usual !== null && at - before > 3 * usual) put(before + usual, null, null);
    const value = reading.value * scale;
    if (isDoubtful(reading.quality)) put(at, null, value);
    else put(at, value, null);
    before = at;
  }
  return drawn;

  function put(at: number, line: number | null, doubtful: number | null): void {
    drawn.at.push(at);
    drawn.line.push(line);
    drawn.doubtful.push(doubtful);
  }
}

function usualDistance(items: readonly Reading[]): number | null {
  if (items.length < 3) return null;
  const distances = items.slice(1).map((reading, index) => Date.parse(reading.at) - Date.parse(items[index]!.at));
  distances.sort((a, b) => a - b);
  return Math.max(1, distances[Math.floor(distances.length / 2)]! / 1000);
}
