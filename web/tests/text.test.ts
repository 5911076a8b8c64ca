import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dictionaries, said, word } from '../src/text';
import { plural } from '../src/text/plural';

const { 'zh-CN': zh, en } = dictionaries;

describe('counted words', () => {
  test('English has one form for one and another for the rest, zero among them', () => {
    expect(en.now.unacknowledged(1)).toBe('1 alarm to acknowledge');
    expect(en.now.unacknowledged(0)).toBe('0 alarms to acknowledge');
    expect(en.now.unacknowledged(21)).toBe('21 alarms to acknowledge');
    expect(en.live.unsent(1)).toBe('1 acknowledgement waits to be sent');
    expect(en.live.unsent(2)).toBe('2 acknowledgements wait to be sent');
  });

  test('English counts times', () => {
    expect([1, 2, 3, 4, 11, 22, 103].map((count) => en.now.again(count))).toEqual([
      '1st time', '2nd time', '3rd time', '4th time', '11th time', '22nd time', '103rd time',
    ]);
  });

  test('Chinese has one form', () => {
    expect(zh.now.unacknowledged(1)).toBe('1 条报警待确认');
    expect(plural('zh-CN', 1, { one: 'never', other: '条' })).toBe('条');
  });
});

test('every language has the words of every code', () => {
  for (const part of ['ledger', 'severity', 'alarmState', 'ticketState', 'noticeState'] as const) {
    expect(keys(en[part])).toEqual(keys(zh[part]));
  }
});

test('every counting unit that a metric is shown in has its word in each language', () => {
  const metrics = readFileSync(new URL('../../src/facility_monitor/catalogue/metrics.yaml', import.meta.url), 'utf8');
  const units = new Set([...metrics.matchAll(/display_unit: (\p{Script=Han}+)/gu)].map(([, unit]) => unit!));
  expect(units.size).toBeGreaterThan(0);
  for (const { unit: words } of [zh, en]) expect([...units].filter((unit) => word(words, unit) === undefined)).toEqual([]);
});

test('the name of the button that acknowledges begins with what stands on it, so that it can be called by it', () => {
  expect(en.acknowledge.of(en.acknowledge.actionLong, 'Pump 1')).toBe('Acknowledge alarm: Pump 1');
  expect(zh.acknowledge.of(zh.acknowledge.actionLong, '1 号泵')).toBe('确认报警：1 号泵');
});

test('where a limit comes from is said in Chinese, whole or by standard and clause; what users wrote stays', () => {
  expect(zh.source('GB 50053 practice')).toBe('GB 50053 及行业惯例');
  expect(zh.source('GB 50053-2013, room at least 5; low-voltage gear -5')).toBe('GB 50053-2013，室内不低于 5；低压柜 -5');
  expect(zh.source('own proposal, equipment regulates to 0.01 MPa (CJ/T 254)')).toBe('本系统建议值，设备调节精度 0.01 MPa（CJ/T 254）');
  expect(zh.source('Agreed with the owner, 2026')).toBe('Agreed with the owner, 2026');
});

test('no text is empty', () => {
  const texts = Object.values(dictionaries).flatMap(leaves);
  expect(texts.length).toBeGreaterThan(500);
  expect(texts.filter((text) => text.trim() === '' && text !== ' ')).toEqual([]);
});

test('the server’s words come in the other language rather than not at all', () => {
  expect(said({ 'zh-CN': '湿度', en: 'Humidity' }, 'en')).toBe('Humidity');
  expect(said({ 'zh-CN': '湿度', en: '' }, 'en')).toBe('湿度');
  expect(said('plain', 'en')).toBe('plain');
});

test('a code that this version does not know has no word, even if an object has such a property', () => {
  expect(word(en.ledger, 'alarm_raised')).toBe('Alarm raised');
  expect(word(en.ledger, 'alarm_teleported')).toBeUndefined();
  expect(word(en.ledger, 'toString')).toBeUndefined();
});

function keys(part: object): unknown {
  return Object.entries(part).map(([key, value]) => (typeof value === 'object' ? [key, keys(value)] : key)).sort();
}

function leaves(part: object): string[] {
  return Object.values(part).flatMap((value: unknown) => (typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? leaves(value) : []));
}
