import { describe, expect, test } from 'vitest';
import { dictionaries } from '../src/text';
import { ago, axisTime, clock, duration, fullTime, momentOf, shortDuration, wallMinute } from '../src/time';

const { 'zh-CN': zh, en } = dictionaries;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const at = Date.parse('2026-11-23T06:03:20Z'); // 14:03:20 in Shanghai

describe('a length of time', () => {
  test.each([
    [0, '0\u00a0s', '0\u00a0秒'],
    [12 * SECOND, '12\u00a0s', '12\u00a0秒'],
    [59.9 * SECOND, '59\u00a0s', '59\u00a0秒'],
    [3 * MINUTE + 12 * SECOND, '3\u00a0min 12\u00a0s', '3\u00a0分 12\u00a0秒'],
    [HOUR, '1\u00a0h 0\u00a0min', '1\u00a0小时 0\u00a0分'],
    [41 * HOUR + 12 * MINUTE + 59 * SECOND, '41\u00a0h 12\u00a0min', '41\u00a0小时 12\u00a0分'],
    [48 * HOUR, '48\u00a0h 0\u00a0min', '48\u00a0小时 0\u00a0分'],
    [3 * DAY + 4 * HOUR + 30 * MINUTE, '3\u00a0d 4\u00a0h', '3\u00a0天 4\u00a0小时'],
  ])('%d ms is "%s" and "%s"', (length, english, chinese) => {
    expect(duration(length, en)).toBe(english);
    expect(duration(length, zh)).toBe(chinese);
  });

  test('is never negative: a reading stamped ahead of us is now', () => {
    expect(ago(at + 2 * SECOND, at, en)).toBe('0\u00a0s ago');
    expect(ago(at + 2 * SECOND, at, zh)).toBe('0\u00a0秒前');
  });

  test('has one part in narrow places', () => {
    expect(shortDuration(3 * MINUTE + 12 * SECOND, en)).toBe('3\u00a0min');
    expect(shortDuration(41 * HOUR + 12 * MINUTE, zh)).toBe('41\u00a0小时');
  });
});

describe('a moment', () => {
  test('is the hour of its own zone, whatever zone the phone is in', () => {
    expect(clock(at, at, 'en', 'Asia/Shanghai')).toBe('14:03');
    expect(clock(at, at, 'en', 'Europe/Berlin')).toBe('07:03');
  });

  test('carries its day once that is not today in its zone', () => {
    const lateEvening = Date.parse('2026-11-23T15:59:00Z'); // 23:59 in Shanghai
    const twoMinutesOn = lateEvening + 2 * MINUTE; // the next day there
    expect(clock(lateEvening, twoMinutesOn, 'en', 'Asia/Shanghai')).toBe('Nov 23 23:59');
    expect(clock(lateEvening, twoMinutesOn, 'zh-CN', 'Asia/Shanghai')).toBe('11月23日 23:59');
    expect(clock(lateEvening, twoMinutesOn, 'en', 'UTC')).toBe('15:59');
  });

  test('carries its year once that is another', () => {
    expect(clock(at, at + 60 * DAY, 'en', 'Asia/Shanghai')).toBe('Nov 23, 2026 14:03');
  });

  test('midnight is 00:00, not 24:00', () => {
    expect(clock(Date.parse('2026-11-22T16:00:00Z'), at, 'en', 'Asia/Shanghai')).toBe('00:00');
  });

  test('is whole with its zone by name', () => {
    expect(fullTime(at, 'en', 'Asia/Shanghai')).toContain('14:03:20');
    expect(fullTime(at, 'en', 'Asia/Shanghai')).toContain('China Standard Time (Asia/Shanghai)');
    expect(fullTime(at, 'zh-CN', 'Asia/Shanghai')).toContain('中国标准时间');
  });
});

test('an axis shows as much as tells its marks apart', () => {
  expect(axisTime(at, 15, 'en', 'Asia/Shanghai')).toBe('14:03:20');
  expect(axisTime(at, 900, 'en', 'Asia/Shanghai')).toBe('14:03');
  expect(axisTime(at, 86_400, 'en', 'Asia/Shanghai')).toBe('11/23');
  expect(axisTime(Date.parse('2026-11-22T16:00:00Z'), 3600, 'en', 'Asia/Shanghai')).toBe('11/23');
});

describe('what a form says is the time on the wall of the site', () => {
  test.each([
    ['Asia/Shanghai', '2026-11-23T14:03', '2026-11-23T06:03:00Z'],
    ['America/New_York', '2026-11-23T01:03', '2026-11-23T06:03:00Z'],
    ['America/New_York', '2026-03-08T03:00', '2026-03-08T07:00:00Z'], // the first minute of summer time
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00Z'], // comes twice: the first
    ['Asia/Kathmandu', '2026-01-01T00:00', '2025-12-31T18:15:00Z'],
  ])('%s %s', (zone, wall, instant) => {
    expect(new Date(momentOf(wall, zone)).toISOString()).toBe(instant.replace('Z', '.000Z'));
    expect(wallMinute(Date.parse(instant), zone)).toBe(wall);
  });

  test('an hour that is skipped counts as if the clock had not been changed yet', () => {
    expect(new Date(momentOf('2026-03-08T02:30', 'America/New_York')).toISOString()).toBe('2026-03-08T07:30:00.000Z');
  });

  test('no time is no moment', () => {
    expect(momentOf('', 'Asia/Shanghai')).toBeNaN();
  });
});
