import { expect, test } from 'vitest';
import { amountWords, money, moneyWords, usedShare } from '../src/part';
import type { Expectation } from '../src/shapes';
import { dictionaries } from '../src/text';

test('money is written in its own minor units, and different currencies are never added', () => {
  expect(money(1_110_000, 'CNY', 'en')).toBe('CN¥11,100');
  expect(money(45_204, 'CNY', 'zh-CN')).toBe('¥452.04');
  expect(money(500, 'JPY', 'en')).toBe('¥500');
  expect(moneyWords({ CNY: 100, EUR: 250 }, 'en', '-')).toBe('CN¥1 + €2.50');
  expect(moneyWords({}, 'en', '-')).toBe('-');
});

test('what of a life is used is said in its own unit', () => {
  expect(amountWords(61.4, 'mo', dictionaries.en, 'en')).toBe('61 months');
  expect(amountWords(1_460_000, '1', dictionaries.en, 'en')).toBe('1.46M times');
  expect(amountWords(6.5, '%', dictionaries['zh-CN'], 'zh-CN')).toBe('6.5\u00a0%');
  const life = { used: 7, limit: 6 } as Expectation;
  expect([usedShare(life), usedShare({ ...life, used: -1 }), usedShare({ ...life, used: 3 })]).toEqual([1, 0, 0.5]);
});
