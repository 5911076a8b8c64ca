// The server's time as this phone knows it. Ages and deadlines are judged by the server; a phone whose clock is wrong
// must not show "2 h ago" for a reading of this second.
import { useEffect, useState } from 'preact/hooks';

// The `Date` header counts whole seconds and the way takes time: a smaller difference says nothing.
const TRUSTED_DIFFERENCE_MS = 3000;

let offset = 0;

/** Now, in ms since 1970, after the server's clock. */
export function now(): number {
  return Date.now() + offset;
}

/** Learns from one answer: its `Date` header, and this phone's time when asking and when answered, in ms. */
export function learn(header: string | null, asked: number, answered: number): void {
  const said = header === null ? Number.NaN : Date.parse(header);
  if (!Number.isNaN(said)) offset = difference(said, asked, answered);
}

/** How far the server's clock is ahead of this phone's, in ms; 0 where that cannot be told. */
export function difference(said: number, asked: number, answered: number): number {
  const between = said + 500 - (asked + answered) / 2;
  return Math.abs(between) > TRUSTED_DIFFERENCE_MS + (answered - asked) ? between : 0;
}

const tickers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(ticker: () => void): () => void {
  tickers.add(ticker);
  timer ??= setInterval(() => {
    if (document.visibilityState === 'visible') for (const each of [...tickers]) each();
  }, 1000);
  return () => {
    tickers.delete(ticker);
    if (tickers.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Now, and drawn again every second. All counting words of a screen share one timer, so that they move together. */
export function useNow(): number {
  const [, wake] = useState(0);
  useEffect(() => watch(() => wake((count) => count + 1)), []);
  return now();
}
