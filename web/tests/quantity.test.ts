import { describe, expect, test } from 'vitest';
import { difference } from '../src/clock';
import { bareNumber, isStale, limitQuantity, limitsWords, limitWords, quantity } from '../src/quantity';
import { dictionaries } from '../src/text';
import { bends, humidity, leak, limit, pressure } from './examples';

const { 'zh-CN': zh, en } = dictionaries;
const NBSP = '\u00a0';

describe('a value', () => {
  test('has its unit and its number of decimals', () => {
    expect(quantity(87.42, humidity, en, 'en')).toBe(`87.4${NBSP}%RH`);
    expect(quantity(80, humidity, zh, 'zh-CN')).toBe(`80.0${NBSP}%RH`);
  });

  test('is shown in the display unit', () => {
    expect(quantity(452_300, pressure, en, 'en')).toBe(`0.452${NBSP}MPa`);
    expect(bareNumber(452_300, pressure, 'en')).toBe('0.452');
  });

  test('is a word where it is a code, and the bare code where the word is not known', () => {
    expect(quantity(1, leak, en, 'en')).toBe('Water');
    expect(quantity(0, leak, zh, 'zh-CN')).toBe('干燥');
    expect(quantity(9, leak, en, 'en')).toBe('9');
  });

  test('of a bare number shows no unit', () => {
    expect(quantity(812_004, bends, en, 'en')).toBe('812,004');
  });

  test('is counted in the reader’s own language', () => {
    const counted = { ...bends, display_unit: '次' };
    expect(quantity(812_004, counted, en, 'en')).toBe(`812,004${NBSP}times`);
    expect(quantity(812_004, counted, zh, 'zh-CN')).toBe(`812,004${NBSP}次`);
  });
});

describe('a limit', () => {
  test('has no more decimals than it needs', () => {
    expect(limitQuantity(80, humidity, en, 'en')).toBe(`80${NBSP}%RH`);
    expect(limitQuantity(430_000, pressure, en, 'en')).toBe(`0.43${NBSP}MPa`);
  });

  test('says its side', () => {
    expect(limitWords({ level: 'high_high', value: 80 }, humidity, en, 'en')).toBe(`alarm above 80${NBSP}%RH`);
    expect(limitWords({ level: 'low', value: 40 }, humidity, zh, 'zh-CN')).toBe(`低于 40${NBSP}%RH 报警`);
  });

  test('of a code says what is normal', () => {
    expect(limitWords({ level: 'high', value: 0.5 }, leak, en, 'en')).toBe('normal is “Dry”');
    expect(limitWords({ level: 'low', value: 0.5 }, leak, en, 'en')).toBe('normal is “Water”');
  });

  test('several of one point share their words and their basis', () => {
    expect(limitsWords([limit('high_high', 80), limit('high', 70)], humidity, en, 'en')).toEqual({
      phrases: ['alarm above 80 / 70'], mark: '(P, since 2026-01-01)',
    });
    const both = limitsWords([limit('low', 430_000), limit('high', 470_000, { basis: null })], pressure, zh, 'zh-CN');
    expect(both).toEqual({ phrases: ['高于 0.47 报警', '低于 0.43 报警'], mark: '(P，2026-01-01 起)' });
    expect(limitsWords([], humidity, en, 'en')).toEqual({ phrases: ['no limit set'], mark: '' });
  });
});

test('a value is stale after three report periods, and never where no period is known', () => {
  expect(isStale(0, 30_000, 10)).toBe(false);
  expect(isStale(0, 30_001, 10)).toBe(true);
  expect(isStale(0, 1e12, null)).toBe(false);
});

describe('the server’s clock', () => {
  test('is trusted over a phone that is far off', () => {
    expect(difference(1_000_000, 400_000, 400_200)).toBe(600_400);
    expect(difference(400_000, 1_000_000, 1_000_200)).toBe(-599_600);
  });

  test('says nothing about a difference that the way there explains', () => {
    expect(difference(1_000_000, 1_000_300, 1_000_500)).toBe(0);
    expect(difference(1_000_000, 990_000, 1_010_000)).toBe(0);
  });
});
