import type { Alarm, Equipment, Point, Ticket } from '../src/shapes';

const text = (words: string) => ({ 'zh-CN': words, en: words });

export const humidity = {
  metric: 'humidity', unit: '%RH', display_unit: '%RH', display_scale: 1, decimals: 1,
} as const;

export const pressure = {
  metric: 'pressure', unit: 'Pa', display_unit: 'MPa', display_scale: 1e-6, decimals: 3,
} as const;

export const leak = {
  metric: 'water_leak', unit: '1', display_unit: '1', display_scale: 1, decimals: 0,
  codes: { 0: { 'zh-CN': '干燥', en: 'Dry' }, 1: { 'zh-CN': '漏水', en: 'Water' } },
} as const;

export const bends = { metric: 'rope_bend_count', unit: '1', display_unit: '1', display_scale: 1, decimals: 0, codes: null } as const;

export function alarm(changes: Partial<Alarm> = {}): Alarm {
  return {
    id: 1, state: 'active_unacknowledged', active: true, acknowledged: false, quiet: null, shelving: null, shelve_longest_s: 86_400, suppression: null,
    window: null, severity: 'high', life_safety: false,
    title: text('Humidity too high'), response: text('Look'), cause: text('Rain'), respond_within_s: 1800,
    site: { id: 1, code: 'jade-garden', name: text('Jade Garden') }, place: text('Jade Garden / Basement / Room 1'),
    equipment: { id: 1, code: 'dr-1', name: text('Room 1'), kind: 'distribution_room' },
    point: { id: 1, key: 'humidity', name: text('Humidity'), ...humidity },
    rule: { id: 1, code: 'humidity-high', version: 1 }, value: 87.4, seen: text('87.4 %RH, above the limit of 80 %RH'),
    limit: { level: 'high', value: 80, deadband: 5, unit: '%RH', basis: null },
    raised_at: '2026-11-23T06:00:00Z', raise_count: 1, acknowledged_at: null, acknowledged_by: null, returned_at: null,
    cleared_at: null, ticket_id: null, ...changes,
  };
}

export function ticket(changes: Partial<Ticket> = {}): Ticket {
  return {
    id: 1, state: 'open', title: text('Pump leaks'), cause: 'alarm', class: 'equipment_fault',
    site: { id: 1, code: 'jade-garden', name: text('Jade Garden') }, place: text('Jade Garden / Basement'),
    equipment: { id: 1, code: 'pr-1', name: text('Pump room 1'), kind: 'pump' }, alarm_ids: [],
    opened_at: '2026-11-21T00:00:00Z', due_at: '2026-11-23T00:00:00Z', held_until: null, repaired_at: null,
    repaired_by: null, closed_at: null, call_due_at: null, overdue: false, on_hold_s: 0, assignee: null,
    closing_note: null, contact: null, by_resident: false, ...changes,
  };
}

export function equipment(changes: Partial<Equipment> = {}): Equipment {
  return {
    id: 1, site_id: 1, space_id: 1, kind: 'elevator', code: 'el-1', name: { 'zh-CN': '1号电梯', en: 'Elevator 1' }, attributes: {},
    place: { 'zh-CN': '翡翠花园 / 1号楼', en: 'Jade Garden / Tower 1' }, worst_severity: null, live_alarms: 0, open_tickets: 0, ...changes,
  };
}

export function limit(level: Point['limits'][number]['level'], value: number, changes: Partial<Point['limits'][number]> = {}): Point['limits'][number] {
  return { rule_id: 1, level, value, severity: 'high', basis: { source: 'site policy', grade: 'P', effective_from: '2026-01-01' }, ...changes };
}
