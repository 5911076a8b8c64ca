import { describe, expect, test } from 'vitest';
import { drawable, ofReading, ofStep, type Sample } from '../src/readings';
import type { Quality } from '../src/shapes';

const START = Date.parse('2026-11-23T06:00:00Z') / 1000;

function readings(...values: [second: number, value: number, quality?: Quality][]): Sample[] {
  return values.map(([second, value, quality = 'good']) => {
    const at = new Date((START + second) * 1000).toISOString();
    return ofReading({ at, value, quality, sequence: null, received_at: at });
  });
}

describe('the drawn line', () => {
  test('breaks where nothing came for more than three report periods', () => {
    const drawn = drawable(readings([0, 1], [10, 2], [40, 3], [71, 4]), 10, 1);
    expect(drawn.at.map((at) => at - START)).toEqual([0, 10, 40, 50, 71]);
    expect(drawn.line).toEqual([1, 2, 3, null, 4]);
  });

  test('takes the usual distance where no period is known', () => {
    const drawn = drawable(readings([0, 1], [10, 2], [20, 3], [30, 4], [90, 5]), null, 1);
    expect(drawn.line).toEqual([1, 2, 3, 4, null, 5]);
  });

  test('leaves doubtful values off and shows them apart', () => {
    const drawn = drawable(readings([0, 1], [10, 99, 'bad'], [20, 3]), 10, 1);
    expect(drawn.line).toEqual([1, null, 3]);
    expect(drawn.doubtful).toEqual([null, 99, null]);
  });

  test('is in the display unit, every reading as it is', () => {
    expect(drawable(readings([0, 452_000], [5, 449_000]), 5, 1e-3).line).toEqual([452, 449]);
  });

  test('of nothing is nothing', () => {
    expect(drawable([], null, 1)).toEqual({ at: [], line: [], low: [], high: [], doubtful: [] });
  });

  test('of steps has the extremes beside the mean, and breaks where steps are missing', () => {
    const steps = [0, 60, 360].map((second) => {
      const at = new Date((START + second) * 1000).toISOString();
      return ofStep({ at, min: 1, max: 9, mean: 3, last: 2, last_at: at, count: 6 });
    });
    const drawn = drawable(steps, 60, 10);
    expect(drawn.line).toEqual([30, 30, null, 30]);
    expect([drawn.low[0], drawn.high[0]]).toEqual([10, 90]);
  });
});
