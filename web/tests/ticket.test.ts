import { describe, expect, test } from 'vitest';
import type { Hold, Ticket } from '../src/shapes';
import { askedHold, byUrgency, clockOf } from '../src/ticket';
import { ticket } from './examples';

const HOUR = 3_600_000;
const opened = Date.parse('2026-11-21T00:00:00Z');

describe('the 48-hour clock', () => {
  test('counts down to the deadline that was fixed at opening', () => {
    const clock = clockOf(ticket(), opened + 12 * HOUR);
    expect(clock.left).toBe(36 * HOUR);
    expect(clock.percent).toBe(25);
    expect(clock.running).toBe(true);
  });

  test.each([
    [0, 'none'],
    [36, 'none'],
    [43.1, 'none'],
    [43.2, 'near'],
    [48, 'near'],
    [48.001, 'over'],
  ] as const)('after %d h its colour is %s', (hours, alert) => {
    expect(clockOf(ticket(), opened + hours * HOUR).alert).toBe(alert);
  });

  test('overdue, the bar is full and what is left is negative', () => {
    const clock = clockOf(ticket(), opened + 50 * HOUR);
    expect(clock.percent).toBe(100);
    expect(clock.left).toBe(-2 * HOUR);
  });

  test('stands still at closing, in time or late', () => {
    const inTime = clockOf(ticket({ state: 'closed', closed_at: '2026-11-22T22:00:00Z' }), opened + 900 * HOUR);
    expect(inTime).toMatchObject({ used: 46 * HOUR, running: false, alert: 'none' });
    const late = clockOf(ticket({ state: 'closed', closed_at: '2026-11-23T05:00:00Z' }), opened + 900 * HOUR);
    expect(late).toMatchObject({ left: -5 * HOUR, alert: 'over' });
  });

  test('a phone whose clock lags never shows a negative share', () => {
    expect(clockOf(ticket(), opened - HOUR)).toMatchObject({ used: 0, percent: 0, alert: 'none' });
  });
});

test('the nearest deadline first, closed ones last, the latest of them on top', () => {
  const sorted = byUrgency([
    ticket({ id: 1, closed_at: '2026-11-20T00:00:00Z' }),
    ticket({ id: 2, due_at: '2026-11-25T00:00:00Z' }),
    ticket({ id: 3, closed_at: '2026-11-21T00:00:00Z' }),
    ticket({ id: 4, due_at: '2026-11-24T00:00:00Z' }),
  ]);
  expect(sorted.map((each) => each.id)).toEqual([4, 2, 3, 1]);
});

test('a hold waits for approval only as long as there is work to hold', () => {
  const asked = { id: 1, approved: null } as Hold;
  const of = (state: Ticket['state']) => askedHold({ ...ticket(), state, holds: [asked] });
  expect(of('on_site')).toBe(asked);
  expect(of('repaired')).toBeUndefined();
});
