import { describe, expect, test } from 'vitest';
import { asked, decided, entered, faults, formOf, judge, measuredWith, scanned, stops, type Values } from '../src/fire';
import type { CheckForm, FormField, RoundPiece, Task } from '../src/shapes';

const text = (words: string) => ({ 'zh-CN': words, en: words });

function field(name: string, more: Partial<FormField> = {}): FormField {
  return { name, label: text(name), type: 'number', required: true, unit: '', least: null, most: null, quantity: null, options: null, good: [], when: null, not_at: null, ...more };
}

const limit = { standard: 'GB', clause: '1', grade: 'L', effective_from: '2020-01-01', unit: '1' } as const;

/** After the form of the smoke detectors: method, threshold in either unit, ratio to the delivered value. */
const sensitivity: CheckForm = {
  code: 'detector-sensitivity', name: text('Sensitivity'), sheet: 'test', kinds: ['smoke_detector'], signatures: 1, standard: 'EN 54-7', clause: '5', grade: 'L', photos: {}, instrument: { method: ['meter'] },
  fields: [
    field('method', { type: 'choice', options: { meter: text('meter'), smoke_can: text('can') }, good: ['meter'] }),
    field('threshold', { least: 0.001, most: 50, when: { method: ['meter'] } }),
    field('threshold_unit', { type: 'choice', options: { 'dB/m': text('dB/m'), '%/m': text('%/m') }, when: { method: ['meter'] } }),
    field('delivered_threshold', { required: false, least: 0.001, most: 50, when: { method: ['meter'] } }),
    field('lamp', { type: 'flag' }),
  ],
  derived: [
    { name: 'threshold_db_m', label: text('threshold'), of: ['threshold', 'threshold_unit'], how: 'db_m', unit: 'dB/m', quantity: 'smoke_threshold', factor: 1, by: null },
    { name: 'threshold_ratio', label: text('ratio'), of: ['threshold', 'delivered_threshold'], how: 'ratio', unit: '1', quantity: 'smoke_threshold_ratio', factor: 1, by: null },
  ],
  limits: [
    { ...limit, quantity: 'smoke_threshold', direction: 'at_least', value: 0.05 },
    { ...limit, quantity: 'smoke_threshold_ratio', direction: 'at_most', value: 1.6 },
  ],
};
const good: Values = { method: 'meter', threshold: 0.12, threshold_unit: 'dB/m', delivered_threshold: 0.1, lamp: true };

describe('a form as one types', () => {
  test('every entry is judged by its limit, and the worst decides', () => {
    const judged = judge(sensitivity, good);
    expect(judged.map((each) => [each.field, each.value, each.passed])).toEqual([
      ['method', 'meter', true],
      ['lamp', true, true],
      ['threshold_db_m', 0.12, true],
      ['threshold_ratio', 1.2, true],
    ]);
    expect(decided(judged)).toBe(true);
    expect(decided(judge(sensitivity, { ...good, delivered_threshold: 0.05 }))).toBe(false);
    expect(decided(judge(sensitivity, { ...good, lamp: false }))).toBe(false);
    expect(decided(judge(sensitivity, {}))).toBeNull();
  });

  test('an obscuration in %/m is compared by its attenuation', () => {
    const [, , threshold, ratio] = judge(sensitivity, { ...good, threshold: 4, threshold_unit: '%/m', delivered_threshold: 2 });
    expect([threshold?.value, ratio?.value]).toEqual([0.1773, 2.021]);
    expect([threshold?.passed, ratio?.passed]).toEqual([true, false]);
  });

  test('only what is asked for is missing, wrong, or sent', () => {
    const can: Values = { ...good, method: 'smoke_can' };
    expect(asked(sensitivity.fields[1]!, can)).toBe(false);
    expect(entered(sensitivity, can)).toEqual({ method: 'smoke_can', lamp: true });
    expect([...faults(sensitivity, can)]).toEqual([]);
    expect([...faults(sensitivity, { method: 'meter', threshold: 99, threshold_unit: 'x1' })]).toEqual([
      ['threshold', 'bounds'],
      ['lamp', 'missing'],
    ]);
    expect([...faults(sensitivity, { ...good, threshold: '0.1.2' })]).toEqual([['threshold', 'number']]);
  });

  test('a loss is one of the agent', () => {
    const form: CheckForm = {
      ...sensitivity,
      fields: ['delivered_kg', 'gross_kg', 'agent_kg'].map((name) => field(name)),
      derived: [
        { name: 'loss_g', label: text('loss'), of: ['delivered_kg', 'gross_kg'], how: 'loss', unit: 'g', quantity: 'g', factor: 1000, by: null },
        { name: 'loss_percent', label: text('loss'), of: ['delivered_kg', 'gross_kg'], how: 'loss_percent', unit: '%', quantity: 'p', factor: 1, by: 'agent_kg' },
      ],
    };
    expect(judge(form, { delivered_kg: 10.2, gross_kg: 10.1, agent_kg: 5 }).map((each) => each.value)).toEqual([100, 2]);
  });
});

const piece = (id: number, code: string): RoundPiece => ({ id, code, kind: 'hydrant', subtype: null, name: text(code), place: text('Hill / B1'), newest: null });

test('a label leads to its piece, whatever server printed it; so does a code', () => {
  const pieces = [piece(7, 'hyd-1'), piece(12, 'ext-2')];
  expect(scanned('https://fm.example/equipment/12', pieces)?.code).toBe('ext-2');
  expect(scanned(' HYD-1 ', pieces)?.id).toBe(7);
  expect(scanned('https://fm.example/equipment/99', pieces)).toBeNull();
  expect(scanned('https://evil.example/pay?x=/equipment/', pieces)).toBeNull();
  expect(scanned('', pieces)).toBeNull();
});

test('the round goes place after place, in each the most urgent first', () => {
  const task = (equipment: string, last: string): Task => ({
    plan: 'p', name: text('p'), form: 'f', equipment_id: 1, equipment, equipment_name: text(equipment), first: '2026-03-01', last, until: '2026-04-01', state: 'due', check_id: null, test_id: null, passed: null, waived_for: null,
  });
  const places: Readonly<Record<string, string>> = { a: 'Floor 10', b: 'Floor 2', c: 'Floor 2', d: 'Floor 2' };
  const found = stops([task('a', '2026-03-31'), task('b', '2026-03-31'), task('c', '2026-03-15'), task('d', '2026-03-31')], (each) => places[each.equipment]!, 'en');
  expect(found.map((stop) => [stop.place, stop.tasks.map((each) => each.equipment)])).toEqual([
    ['Floor 2', ['c', 'b', 'd']],
    ['Floor 10', ['a']],
  ]);
});

test('what was measured must be said with what, and CO2 has no gauge to read', () => {
  expect(measuredWith(sensitivity, { method: 'meter' })).toBe(true);
  expect(measuredWith(sensitivity, { method: 'smoke_can' })).toBe(false);
  const form = { ...sensitivity, fields: [field('method', { type: 'choice', options: { gauge: text('gauge'), weigh: text('weigh') }, not_at: { co2: ['gauge'] } })] };
  expect(Object.keys(formOf(form, 'co2').fields[0]!.options!)).toEqual(['weigh']);
  expect(Object.keys(formOf(form, 'powder').fields[0]!.options!)).toEqual(['gauge', 'weigh']);
});
