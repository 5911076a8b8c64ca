import { expect, test } from 'vitest';
import { adriftIn } from '../src/screens/ingest';
import type { Balance } from '../src/shapes';
import { codeOf } from '../src/ui/adopt-sheet';

test('a code is made of whatever a device calls itself', () => {
  expect(codeOf('0E:9C:00:4c:1C:51')).toBe('0e-9c-00-4c-1c-51');
  expect(codeOf('Plant/edge-1/plc')).toBe('plant-edge-1-plc');
  expect(codeOf('水泵')).toBe('');
});

test('what is unaccounted for adds up, whichever way the books are off', () => {
  const slot = { slot: 0, alive: true, holder: null, connected: true, reported_at: null };
  const books: Balance = {
    totals: { received: 9, stored: 9, duplicate: 0, rejected: 0, in_flight: 0, difference: -2 },
    slots: [{ ...slot, difference: 3 }],
    broker: { dropped: null, waiting: null },
    devices: { items: [], next_cursor: null },
  };
  expect(adriftIn(books)).toBe(5);
});
