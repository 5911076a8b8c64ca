// What the app itself knows of an elevator's test: what is wrong with an entry, and how one is judged. The server judges
// again when a test arrives, and its word holds; this is for the moment at which one types.
import { meets } from './fire';
import type { DoorType, FormTestLimit, JudgedItem, LiftTest, NewTest, TestField, TestForm } from './lift-shapes';
import type { KeptFile, KeptPhoto } from './queue';
import type { Signature, Task } from './shapes';

/** The form of the upkeep plan that a test fulfils. */
export const TEST_FORM = 'elevator-test';
/** A test that comes in later than so after it was made is marked as a late entry. */
export const LATE_MS = 24 * 3_600_000;

/** By field, as it was typed. */
export type Typed = Readonly<Record<string, string>>;

/** A test as it stands on the phone; numbers as they were typed. */
export interface Draft {
  readonly door: { readonly type: DoorType | null; readonly width: string };
  readonly floors: Readonly<Record<string, Typed>>;
  readonly car: Typed;
  readonly workers: readonly Signature[];
  readonly remarks: string;
  /** As `datetime-local` has it, by the clock on the wall of the site; null for now. */
  readonly earlier: string | null;
  readonly reason: string;
  readonly photos: readonly KeptPhoto[];
  /** Absent in a draft that an older version of the app has kept. */
  readonly files?: readonly KeptFile[];
}

/** Decimal commas are typed too. Null for nothing, NaN for what is no number. */
export function parsed(words: string | undefined): number | null {
  const plain = (words ?? '').trim().replace(/[,，。]/, '.').replace(/^[−–]/, '-');
  if (plain === '') return null;
  return /^[-+]?\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
}

export type EntryFault = { readonly kind: 'number' } | { readonly kind: 'bounds'; readonly looksLike: string | null };

/** What is wrong with an entry; null where it may be sent. */
export function entryFault(field: TestField, words: string | undefined): EntryFault | null {
  const value = parsed(words);
  if (value === null) return null;
  if (Number.isNaN(value)) return { kind: 'number' };
  if (value >= field.least && value <= field.most) return null;
  const fits = field.mistaken.find(({ factor }) => value * factor >= field.least && value * factor <= field.most);
  return { kind: 'bounds', looksLike: fits?.unit ?? null };
}

/**
 * The limits of a quantity in force on a day, at most one for each direction. Of those that go by the door's width it is
 * the narrowest class that takes the door in; without a door they do not count.
 */
export function applicable(limits: readonly FormTestLimit[], quantity: string, on: string, door: Draft['door']): FormTestLimit[] {
  const width = parsed(door.width);
  const found = new Map<string, FormTestLimit>();
  for (const limit of limits) {
    if (limit.quantity !== quantity || limit.effective_from > on || (limit.effective_to ?? '9999') < on) continue;
    if (limit.door_type !== null && limit.door_type !== door.type) continue;
    const widest = limit.clear_width_up_to_mm;
    if (widest !== null && (width === null || !(width <= widest))) continue;
    const known = found.get(limit.direction);
    if (known === undefined || closer(limit, known)) found.set(limit.direction, limit);
  }
  return [...found.values()];
}

function closer(one: FormTestLimit, other: FormTestLimit): boolean {
  const [a, b] = [one.clear_width_up_to_mm ?? Infinity, other.clear_width_up_to_mm ?? Infinity];
  return a === b ? one.effective_from > other.effective_from : a < b;
}

/** One entry by each limit of its day; nothing where it is empty or cannot be true. */
export function judge(form: TestForm, field: TestField, words: string | undefined, draft: Draft, on: string, rated: number | null): JudgedItem[] {
  const value = parsed(words);
  if (value === null || entryFault(field, words) !== null) return [];
  if (field.field === 'speed.rated_m_s') return [];
  const ofSpeed = field.field === 'speed.measured_m_s';
  const speed = parsed(draft.car['speed.rated_m_s']) ?? rated;
  if (ofSpeed && speed === null) return [];
  const [quantity, judged, unit] = ofSpeed ? ['speed', Number(((value / speed!) * 100).toFixed(2)), '%'] : [field.quantity, value, field.unit];
  const said = { floor: null, field: field.field, quantity, value: judged, unit };
  const limits = applicable(form.limits, quantity, on, draft.door);
  return limits.length === 0 ? [{ ...said, limit: null, passed: null }] : limits.map((limit) => ({ ...said, limit, passed: meets(limit, judged) }));
}

export type FloorState = 'empty' | 'wrong' | 'failed' | 'good';

/** How a floor stands by what was typed. */
export function floorState(form: TestForm, draft: Draft, floor: string, on: string): FloorState {
  const typed = draft.floors[floor] ?? {};
  const filled = form.floor.filter(({ field }) => parsed(typed[field]) !== null);
  if (filled.length === 0) return 'empty';
  if (filled.some((field) => entryFault(field, typed[field.field]) !== null)) return 'wrong';
  return filled.some((field) => judge(form, field, typed[field.field], draft, on, null).some((each) => each.passed === false)) ? 'failed' : 'good';
}

export type DraftFault = 'floors' | 'entries' | 'door' | 'rated' | 'workers' | 'sameWorker' | 'reason' | 'future';

/** What keeps the draft from being sent, the first first. `rated`: the register's rated speed; `at`: when it was made. */
export function draftFaults(form: TestForm, draft: Draft, rated: number | null, corrects: boolean, at: number, now: number): DraftFault[] {
  const found: DraftFault[] = [];
  const floors = Object.values(draft.floors);
  const has = (typed: Typed, field: string): boolean => parsed(typed[field]) !== null;
  if (!floors.some((typed) => form.floor.some(({ field }) => has(typed, field)))) found.push('floors');
  const wrong = (fields: readonly TestField[], typed: Typed): boolean => fields.some((field) => entryFault(field, typed[field.field]) !== null);
  if (floors.some((typed) => wrong(form.floor, typed)) || wrong(form.car, draft.car) || wrong(form.door, { 'door.clear_width_mm': draft.door.width })) found.push('entries');
  const timed = floors.some((typed) => has(typed, 'door_open_s') || has(typed, 'door_close_s'));
  const [typeKnown, widthKnown] = [draft.door.type !== null, parsed(draft.door.width) !== null];
  if (timed ? !typeKnown || !widthKnown : typeKnown !== widthKnown && widthKnown) found.push('door');
  if (rated === null && has(draft.car, 'speed.measured_m_s') && !has(draft.car, 'speed.rated_m_s')) found.push('rated');
  if (draft.workers.some(({ name, certificate_no }) => name.trim() === '' || certificate_no.trim() === '')) found.push('workers');
  else if (sameWorker(draft.workers)) found.push('sameWorker');
  if (corrects && draft.reason.trim() === '') found.push('reason');
  if (!(at <= now + 60_000)) found.push('future');
  return found;
}

export function sameWorker(workers: readonly Signature[]): boolean {
  return new Set(workers.map((each) => each.certificate_no.normalize('NFKC').toLowerCase().replace(/\s/g, ''))).size < workers.length;
}

/** The draft as it is sent; floors in the order of `labels`. */
export function requestOf(form: TestForm, draft: Draft, labels: readonly string[], at: string, corrects: number | null): Omit<NewTest, 'photos' | 'files'> {
  const numbers = (typed: Typed, fields: readonly string[]): Record<string, number> =>
    Object.fromEntries(fields.flatMap((field) => (parsed(typed[field]) === null ? [] : [[field, parsed(typed[field])!]])));
  const floors = labels.flatMap((floor) => {
    const values = numbers(draft.floors[floor] ?? {}, form.floor.map(({ field }) => field));
    return Object.keys(values).length === 0 ? [] : [{ floor, ...values }];
  });
  const car = numbers(draft.car, form.car.map(({ field }) => field));
  const part = (of: string): Record<string, number> | null => {
    const own = Object.entries(car).filter(([field]) => field.startsWith(`${of}.`));
    return own.length === 0 ? null : Object.fromEntries(own.map(([field, value]) => [field.slice(of.length + 1), value]));
  };
  const width = parsed(draft.door.width);
  return {
    performed_at: at,
    workers: draft.workers.map(({ name, certificate_no }) => ({ name: name.trim(), certificate_no: certificate_no.trim() })),
    floors,
    door: draft.door.type === null || width === null ? null : { type: draft.door.type, clear_width_mm: width },
    speed: car['speed.measured_m_s'] === undefined ? null : part('speed'),
    vibration: part('vibration'),
    remarks: draft.remarks.trim() || null,
    corrects,
    reason: draft.reason.trim() || null,
  };
}

/** A test that was sent, as the draft of its correction. */
export function draftOf(test: LiftTest): Draft {
  const floors: Record<string, Record<string, string>> = {};
  for (const { floor, field, value } of test.items) if (floor !== null) (floors[floor] ??= {})[field] = String(value);
  return {
    door: { type: test.door?.type ?? null, width: test.door === null ? '' : String(test.door.clear_width_mm) },
    floors,
    car: Object.fromEntries(Object.entries(test.car).map(([field, value]) => [field, String(value)])),
    workers: test.workers,
    remarks: test.remarks ?? '',
    earlier: null,
    reason: '',
    photos: [],
  };
}

/** Where a task of an elevator is done, or was. */
export function taskHref(task: Task): string {
  if (task.form === TEST_FORM) return task.test_id === null ? `/elevators/${task.equipment_id}/test` : `/elevator-tests/${task.test_id}`;
  return task.check_id === null ? `/equipment/${task.equipment_id}/check/${task.form}` : `/checks/${task.check_id}`;
}

/** What was measured floor by floor, in the order of the test; the car last, under null. */
export function byFloor(items: readonly JudgedItem[]): [string | null, JudgedItem[]][] {
  const found = new Map<string | null, JudgedItem[]>();
  for (const item of items) found.set(item.floor, [...(found.get(item.floor) ?? []), item]);
  return [...found];
}
