import { expect, test } from 'vitest';
import { secondsOf } from '../src/rule';
import { dictionaries } from '../src/text';

test('a long span of seconds is told in larger units too', () => {
  expect(secondsOf('60', dictionaries.en)).toBe('s');
  expect(secondsOf('259200', dictionaries.en)).toBe(`s (${dictionaries.en.units.day(3)})`);
  expect(secondsOf('soon', dictionaries.en)).toBe('s');
});
