import { describe, expect, test } from 'vitest';
import { inOrder, nearPlace, responseDue, sentence, worst } from '../src/alarm';
import { dictionaries } from '../src/text';
import { alarm, leak, pressure } from './examples';

const { 'zh-CN': zh, en } = dictionaries;

describe('the order of live alarms', () => {
  test('the worst first, and among equals the longest waiting', () => {
    const { unacknowledged } = inOrder([
      alarm({ id: 1, severity: 'low', raised_at: '2026-11-23T01:00:00Z' }),
      alarm({ id: 2, severity: 'critical', raised_at: '2026-11-23T05:00:00Z' }),
      alarm({ id: 3, severity: 'high', raised_at: '2026-11-23T04:00:00Z' }),
      alarm({ id: 4, severity: 'critical', raised_at: '2026-11-23T03:00:00Z' }),
      alarm({ id: 5, severity: 'medium', raised_at: '2026-11-23T02:00:00Z' }),
    ]);
    expect(unacknowledged.map((each) => each.id)).toEqual([4, 2, 3, 5, 1]);
  });

  test('what may cost a life stands before all else, however severe that is and however long it waits', () => {
    const { unacknowledged } = inOrder([
      alarm({ id: 1, severity: 'critical', raised_at: '2026-11-23T01:00:00Z' }),
      alarm({ id: 2, severity: 'high', life_safety: true, raised_at: '2026-11-23T05:00:00Z' }),
      alarm({ id: 3, severity: 'critical', life_safety: true, state: 'returned_unacknowledged', active: false }),
    ]);
    expect(unacknowledged.map((each) => each.id)).toEqual([2, 3, 1]);
  });

  test('a new alarm of a severity comes below those that wait already', () => {
    const waiting = [alarm({ id: 1, raised_at: '2026-11-23T03:00:00Z' }), alarm({ id: 2, raised_at: '2026-11-23T04:00:00Z' })];
    const { unacknowledged } = inOrder([alarm({ id: 3, raised_at: '2026-11-23T05:00:00Z' }), ...waiting]);
    expect(unacknowledged.map((each) => each.id)).toEqual([1, 2, 3]);
  });

  test('three groups by what they need, and a cleared one in none', () => {
    const groups = inOrder([
      alarm({ id: 1, state: 'returned_unacknowledged' }),
      alarm({ id: 2, state: 'active_acknowledged' }),
      alarm({ id: 3, state: 'active_unacknowledged' }),
      alarm({ id: 4, state: 'cleared' }),
    ]);
    expect(groups.unacknowledged.map((each) => each.id)).toEqual([3]);
    expect(groups.acknowledged.map((each) => each.id)).toEqual([2]);
    expect(groups.returned.map((each) => each.id)).toEqual([1]);
  });
});

test('the worst of several rises; nothing abnormal is normal', () => {
  expect(worst([null, 'low', 'critical', 'high'])).toBe('critical');
  expect(worst([null, 'low', null])).toBe('low');
  expect(worst([null, null])).toBeNull();
  expect(worst([])).toBeNull();
});

describe('an alarm in a sentence', () => {
  test('says of a duty what was not done, and compares no count with a limit', () => {
    const seen = { en: 'Extinguisher check: not done at 4', 'zh-CN': '灭火器检查：4 处未按期完成' };
    const duty = alarm({ seen, point: { ...alarm().point, metric: 'duties_not_done' } });
    expect(sentence(duty, zh, 'zh-CN')).toBe(seen['zh-CN']);
  });

  test('says which side of the limit the value is on, both with their unit', () => {
    expect(sentence(alarm(), en, 'en')).toBe('Humidity 87.4\u00a0%RH, above 80\u00a0%RH.');
    expect(sentence(alarm(), zh, 'zh-CN')).toBe('Humidity 87.4\u00a0%RH，高于 80\u00a0%RH。');
  });

  test('is in the display unit', () => {
    const low = alarm({ value: 388_000, point: { ...alarm().point, ...pressure }, limit: { deadband: 5, basis: null, level: 'low_low', value: 400_000, unit: 'Pa' } });
    expect(sentence(low, en, 'en')).toBe('Humidity 0.388\u00a0MPa, below 0.4\u00a0MPa.');
  });

  test('is what the rule saw where that is no limit', () => {
    expect(sentence(alarm({ limit: null, seen: { en: 'no reading for 30 s', 'zh-CN': '30 秒没有读数' } }), en, 'en')).toBe('Humidity: no reading for 30\u00a0s.');
  });

  test('names the state of a coded metric instead of a number', () => {
    const wet = alarm({ value: 1, point: { ...alarm().point, ...leak }, limit: { level: 'high', deadband: 5, basis: null, value: 0.5, unit: '1' } });
    expect(sentence(wet, en, 'en')).toBe('Humidity: Water.');
    expect(sentence(wet, zh, 'zh-CN')).toBe('Humidity：漏水。');
  });
});

test('a place is said without the site, unless there are others', () => {
  expect(nearPlace('翡翠花园 / 地下室 / 1号配电房')).toBe('地下室 › 1号配电房');
  expect(nearPlace('翡翠花园')).toBe('翡翠花园');
  expect(nearPlace('翡翠花园 / 地下室', true)).toBe('翡翠花园 › 地下室');
});

test('a response is due only while nobody has reacted and the rule asks for one', () => {
  expect(responseDue(alarm())).toBe(Date.parse('2026-11-23T06:30:00Z'));
  expect(responseDue(alarm({ acknowledged: true }))).toBeNull();
  expect(responseDue(alarm({ respond_within_s: null }))).toBeNull();
});
