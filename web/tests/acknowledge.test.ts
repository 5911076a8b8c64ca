import { describe, expect, test } from 'vitest';
import { after, unsentCount, type Act, type Pendings, type Step } from '../src/acknowledge';
import type { Failure } from '../src/problem';

const none: Pendings = new Map();
const run = (...steps: Step[]): Pendings => steps.reduce(after, none);
const begin: Step = { kind: 'begin', id: 1, until: 5000 };
const act: Act = { alarm_id: 1, acted_at: '2026-03-02T08:00:00Z', person_id: 7, token: null };
const send: Step = { kind: 'send', id: 1, act };
const conflict: Failure = { kind: 'refused', status: 409, title: 'Conflict', detail: '', errors: [], retryAfter: null };

describe('an acknowledgement', () => {
  test('waits, is sent, and is done', () => {
    expect(run(begin).get(1)).toEqual({ phase: 'waiting', until: 5000 });
    expect(run(begin, send).get(1)).toEqual({ phase: 'sending', act });
    expect(run(begin, send, { kind: 'done', id: 1 }).size).toBe(0);
  });

  test('taken back in time was never sent: the timer that still fires sends nothing', () => {
    const undone = run(begin, { kind: 'undo', id: 1 });
    expect(undone.size).toBe(0);
    expect(after(undone, send)).toBe(undone);
  });

  test('cannot be taken back once it is on its way', () => {
    const sending = run(begin, send);
    expect(after(sending, { kind: 'undo', id: 1 })).toBe(sending);
  });

  test('a second tap neither starts the five seconds anew nor sends twice', () => {
    const once = run(begin);
    expect(after(once, { ...begin, until: 9000 })).toBe(once);
    const sending = run(begin, send);
    expect(after(sending, send)).toBe(sending);
  });

  test('without a network it waits, is counted, and can still be taken back', () => {
    const unsent = run(begin, send, { kind: 'failed', id: 1, failure: { kind: 'unreachable' } });
    expect(unsent.get(1)).toEqual({ phase: 'unsent', act });
    expect(unsentCount(unsent)).toBe(1);
    expect(after(unsent, send).get(1)).toEqual({ phase: 'sending', act });
    expect(after(unsent, { kind: 'undo', id: 1 }).size).toBe(0);
  });

  test('found on the phone it waits as before, unless a tap was quicker', () => {
    const found: Step = { kind: 'found', id: 1, act };
    expect(run(found).get(1)).toEqual({ phase: 'unsent', act });
    const once = run(begin);
    expect(after(once, found)).toBe(once);
  });

  test('refused, it says so until it is tried again or dismissed', () => {
    const failed = run(begin, send, { kind: 'failed', id: 1, failure: conflict });
    expect(failed.get(1)).toEqual({ phase: 'failed', failure: conflict });
    expect(unsentCount(failed)).toBe(0);
    expect(after(failed, { kind: 'dismiss', id: 1 }).size).toBe(0);
    expect(after(failed, send).get(1)).toEqual({ phase: 'sending', act });
  });

  test('one alarm leaves the others alone', () => {
    const two = run(begin, { kind: 'begin', id: 2, until: 6000 }, { kind: 'undo', id: 1 });
    expect([...two.keys()]).toEqual([2]);
  });
});
