import { describe, expect, test } from 'vitest';
import { connecting, next, offlineSince, wait, type Connection } from '../src/connection';

const START = 1_000_000;
const live = (at: number): Connection => next(connecting(START), { kind: 'opened', at });
const lost = (connection: Connection, at: number): Connection => next(connection, { kind: 'lost', at, chance: 1 });

describe('the line to the server', () => {
  test('once lost, it is offline since the server was last heard, not since that was noticed', () => {
    const heard = next(live(START + 1000), { kind: 'heard', at: START + 20_000 });
    const after = lost(heard, START + 60_000);
    expect(after).toMatchObject({ phase: 'offline', since: START + 20_000, attempt: 1 });
    expect(offlineSince(after, START + 60_000)).toBe(START + 20_000);
  });

  test('keeps the first moment of being offline over further failures', () => {
    const twice = lost(lost(live(START), START + 5000), START + 9000);
    expect(twice).toMatchObject({ phase: 'offline', since: START, attempt: 2 });
  });

  test('waits longer after each failure, up to half a minute, and anew once it was live', () => {
    let state = live(START);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      state = lost(state, START);
      waits.push(state.phase === 'offline' ? state.retryAt - START : -1);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(lost(next(state, { kind: 'opened', at: START }), START)).toMatchObject({ attempt: 1, retryAt: START + 1000 });
  });

  test('spreads the attempts over the second half of the wait', () => {
    expect(wait(3, 0)).toBe(2000);
    expect(wait(3, 0.5)).toBe(3000);
    expect(wait(3, 1)).toBe(4000);
    expect(wait(10_000, 1)).toBe(30_000);
  });

  test('a short gap is not worth a word; a second failed attempt is', () => {
    const once = lost(live(START), START + 500);
    expect(offlineSince(once, START + 1500)).toBeNull();
    expect(offlineSince(once, START + 2500)).toBe(START);
    expect(offlineSince(lost(once, START + 1000), START + 1500)).toBe(START);
    expect(offlineSince(live(START), START + 99_000)).toBeNull();
  });

  test('late bytes of a dead line do not bring it back', () => {
    const after = lost(live(START), START + 5000);
    expect(next(after, { kind: 'heard', at: START + 6000 })).toBe(after);
  });

  test('never opened, it is offline since the start', () => {
    expect(lost(connecting(START), START + 15_000)).toMatchObject({ phase: 'offline', since: START });
  });
});
