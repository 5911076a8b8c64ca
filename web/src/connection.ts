// The state of the line to the server, as a pure function of what happened to it.

export type Connection =
  | { readonly phase: 'connecting'; readonly attempt: 0; readonly since: number }
  | { readonly phase: 'live'; readonly attempt: 0; readonly heardAt: number }
  /** `since`: when the server was last heard, so that what is shown is as old as that. `retryAt`: the next attempt. */
  | { readonly phase: 'offline'; readonly attempt: number; readonly since: number; readonly retryAt: number };

export type Happening =
  | { readonly kind: 'opened'; readonly at: number }
  | { readonly kind: 'heard'; readonly at: number }
  /** `chance`: 0 to 1, spreads the phones of a site so that they do not all come back in the same second. */
  | { readonly kind: 'lost'; readonly at: number; readonly chance: number };

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** The server sends a heartbeat every 15 s; two missed and a bit, and the line is dead. */
export const SILENCE_MS = 40_000;
/** A gap this short is a change of cell or a restarted proxy, and not worth a word. */
const GRACE_MS = 2000;

export function connecting(at: number): Connection {
  return { phase: 'connecting', attempt: 0, since: at };
}

export function next(connection: Connection, happening: Happening): Connection {
  switch (happening.kind) {
    case 'opened':
      return { phase: 'live', attempt: 0, heardAt: happening.at };
    case 'heard':
      // Late bytes of a line already given up on prove nothing about the next one.
      return connection.phase === 'live' ? { ...connection, heardAt: happening.at } : connection;
    case 'lost': {
      const attempt = connection.attempt + 1;
      const since = connection.phase === 'live' ? connection.heardAt : connection.since;
      return { phase: 'offline', attempt, since, retryAt: happening.at + wait(attempt, happening.chance) };
    }
  }
}

/** Doubling from 1 s to 30 s, each time between half and the whole of it. In ms. */
export function wait(attempt: number, chance: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 16));
  return Math.round(longest * (0.5 + 0.5 * chance));
}

/** Since when the person should be told that this is not live, in ms since 1970; null while there is nothing to tell. */
export function offlineSince(connection: Connection, now: number): number | null {
  if (connection.phase !== 'offline') return null;
  return connection.attempt > 1 || now - connection.since > GRACE_MS ? connection.since : null;
}
