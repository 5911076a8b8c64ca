// What the app itself knows of checks: which fields are asked for, what is wrong with an entry, and how one is judged.
// The server judges again when a check arrives, and its word holds; this is for the moment at which one types.
import type { CheckForm, CheckValue, CheckVerdict, FormDerived, FormField, FormLimit, LocalText, RoundPiece, Task } from './shapes';

export type Values = Readonly<Record<string, CheckValue | undefined>>;

export interface Judged {
  readonly field: string;
  readonly label: LocalText;
  readonly value: CheckValue;
  readonly unit: string;
  /** Null where no limit is in force. */
  readonly passed: boolean | null;
  readonly limit: FormLimit | null;
}

/** Whether `field` is asked for, with what stands in the others. */
export function asked(field: FormField, values: Values): boolean {
  return field.when === null || stands(field.when, values);
}

/** Whether it must be said what was measured with. A form that was kept before there was such a thing asks for nothing. */
export function measuredWith(form: CheckForm, values: Values): boolean {
  return (form.instrument ?? null) !== null && stands(form.instrument!, values);
}

function stands(at: Readonly<Record<string, readonly string[]>>, values: Values): boolean {
  return Object.entries(at).every(([name, wanted]) => wanted.includes(String(values[name])));
}

/** The form as it is for equipment of a subtype: without the options that this does not have. */
export function formOf(form: CheckForm, subtype: string | null): CheckForm {
  const without = (field: FormField): FormField => {
    const gone = field.not_at?.[subtype ?? ''] ?? [];
    return gone.length === 0 || field.options === null ? field : { ...field, options: Object.fromEntries(Object.entries(field.options).filter(([code]) => !gone.includes(code))) };
  };
  return { ...form, fields: form.fields.map(without) };
}

export type Fault = 'missing' | 'number' | 'bounds' | 'text';

/** What is wrong with an entry; null where it may be sent. */
export function fault(field: FormField, value: CheckValue | undefined): Fault | null {
  if (value === undefined || value === '') return field.required ? 'missing' : null;
  if (field.type === 'number') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'number';
    return value < (field.least ?? -Infinity) || value > (field.most ?? Infinity) ? 'bounds' : null;
  }
  return typeof value === 'string' && value.length > 2000 ? 'text' : null;
}

/** The entries that belong to the form as it stands: what was typed in a field that is no longer asked for goes. */
export function entered(form: CheckForm, values: Values): Readonly<Record<string, CheckValue>> {
  return Object.fromEntries(
    form.fields.filter((field) => asked(field, values)).flatMap((field) => {
      const value = values[field.name];
      return value === undefined || value === '' ? [] : [[field.name, value]];
    }),
  );
}

export function faults(form: CheckForm, values: Values): ReadonlyMap<string, Fault> {
  const found = new Map<string, Fault>();
  for (const field of form.fields) {
    const wrong = asked(field, values) ? fault(field, values[field.name]) : null;
    if (wrong !== null) found.set(field.name, wrong);
  }
  return found;
}

/** Every entry that can be judged by now, in the order of the form. */
export function judge(form: CheckForm, values: Values): Judged[] {
  const judged: Judged[] = [];
  const there = entered(form, values);
  for (const field of form.fields) {
    const value = there[field.name];
    if (value === undefined || fault(field, value) !== null) continue;
    const said = { field: field.name, label: field.label, value, unit: field.unit };
    if (typeof value === 'boolean') judged.push({ ...said, passed: value, limit: null });
    else if (field.type === 'choice' && field.good.length > 0) judged.push({ ...said, passed: field.good.includes(String(value)), limit: null });
    else if (typeof value === 'number' && field.quantity !== null) judged.push(...measured(form, said, value, field.quantity));
  }
  for (const each of form.derived) {
    const value = derive(each, there);
    if (value !== null) judged.push(...measured(form, { field: each.name, label: each.label, value, unit: each.unit }, value, each.quantity));
  }
  return judged;
}

function measured(form: CheckForm, said: Omit<Judged, 'passed' | 'limit'>, value: number, quantity: string): Judged[] {
  const limits = form.limits.filter((limit) => limit.quantity === quantity);
  if (limits.length === 0) return [{ ...said, passed: null, limit: null }];
  return limits.map((limit) => ({ ...said, passed: meets(limit, value), limit }));
}

export function meets(limit: FormLimit, value: number): boolean {
  if (limit.direction === 'at_least') return value >= limit.value;
  return (limit.direction === 'within' ? Math.abs(value) : value) <= limit.value;
}

function derive(derived: FormDerived, values: Values): number | null {
  const [first, second] = [values[derived.of[0]!], values[derived.of[1]!]];
  if (typeof first !== 'number') return null;
  if (derived.how === 'db_m') return second === undefined ? null : second === '%/m' ? round(decibel(first), 4) : first;
  if (typeof second !== 'number') return null;
  if (derived.how === 'ratio') {
    // An obscuration is compared by its attenuation: in %/m the same step means more the darker it is.
    const [a, b] = values[`${derived.of[0]}_unit`] === '%/m' ? [decibel(first), decibel(second)] : [first, second];
    return Math.min(a, b) > 0 ? round(Math.max(a, b) / Math.min(a, b), 3) : null;
  }
  const lost = (first - second) * derived.factor;
  if (derived.how === 'loss') return round(lost, 3);
  const whole = values[derived.by ?? derived.of[0]!];
  return typeof whole === 'number' && whole > 0 ? round((lost / whole) * 100, 2) : null;
}

/** Attenuation in dB/m of an obscuration in %/m (EN 54-7: m = 10 lg(P0/P) for 1 m). */
const decibel = (percent: number): number => -10 * Math.log10(1 - percent / 100);

const round = (value: number, places: number): number => Number(value.toFixed(places));

/** The worst decides; null where nothing could be judged. */
export function decided(all: readonly { readonly passed: boolean | null }[]): boolean | null {
  if (all.some((each) => each.passed === false)) return false;
  return all.some((each) => each.passed === true) ? true : null;
}

/** What a scanned label or a typed code means: the id in its address, else the piece of that code. */
export function scanned(words: string, pieces: readonly RoundPiece[]): RoundPiece | null {
  const id = /\/equipment\/(\d+)\/?(?:[?#].*)?$/.exec(words.trim())?.[1];
  if (id !== undefined) return pieces.find((piece) => piece.id === Number(id)) ?? null;
  const code = words.trim().toLowerCase();
  return code === '' ? null : (pieces.find((piece) => piece.code.toLowerCase() === code) ?? null);
}

export interface Stop {
  readonly place: string;
  readonly tasks: readonly Task[];
}

/** The tasks by way of walking: place after place, at each the most urgent first. */
export function stops(tasks: readonly Task[], placeOf: (task: Task) => string, locale: string): Stop[] {
  const found = new Map<string, Task[]>();
  for (const task of tasks) {
    const place = placeOf(task);
    const there = found.get(place);
    if (there === undefined) found.set(place, [task]);
    else there.push(task);
  }
  return [...found]
    .map(([place, there]) => ({ place, tasks: there.sort((a, b) => a.last.localeCompare(b.last) || a.equipment.localeCompare(b.equipment, locale, { numeric: true })) }))
    .sort((a, b) => a.place.localeCompare(b.place, locale, { numeric: true }));
}

/** "≤ 55 s" */
export function boundOf(limit: FormLimit | NonNullable<CheckVerdict['limit']>): string {
  const sign = { at_most: '≤', at_least: '≥', within: '±' }[limit.direction];
  return `${sign} ${limit.value}${limit.unit === '1' ? '' : ` ${unitWord(limit.unit)}`}`;
}

/** SenML units as people write them. */
export function unitWord(unit: string): string {
  return ({ Cel: '℃', '1': '', pH: '', 'l/s': 'L/s' } as Readonly<Record<string, string>>)[unit] ?? unit;
}
