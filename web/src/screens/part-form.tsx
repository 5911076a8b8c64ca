import { useState } from 'preact/hooks';
import { api } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import { parsed } from '../lift';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { back, place } from '../route';
import type { Part } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { dayIn } from '../time';
import { Pane } from '../ui/pane';
import { SkeletonPage } from '../ui/states';

const ROPE = 'wire_rope';
const CONSTRUCTIONS = ['6x19', '8x19'] as const;

/** A part as it is built in; what takes another's place, or corrects its entry, names it. */
export function PartFormScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const { query } = useStore(place);
  const replaced = Number(query.get('replaces')) || null;
  const parts = useResource(replaced === null ? null : sources.parts(id));
  const kinds = useResource(sources.partKinds);
  const old = parts.data?.find((each) => each.id === replaced) ?? null;
  if (kinds.data === undefined || (replaced !== null && old === null)) {
    return (
      <Pane name={`part-form/${id}`} title={text.partForm.title} backTo={`/equipment/${id}`}>
        <SkeletonPage />
      </Pane>
    );
  }
  return <Filling id={id} old={old} kinds={kinds.data.map((each) => [each.code, say(each.name)])} />;
}

type Entries = Readonly<Record<string, string>>;

function Filling({ id, old, kinds }: { readonly id: number; readonly old: Part | null; readonly kinds: readonly (readonly [string, string])[] }) {
  const { text, say } = useLanguage();
  const words = text.partForm;
  const [entries, setEntries] = useState<Entries>(() => begin(old, kinds[0]?.[0] ?? ''));
  const [correction, setCorrection] = useState(false);
  const [tried, setTried] = useState(false);
  const [saving, setSaving] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const rope = entries['kind'] === ROPE;
  const wrong = wrongEntries(entries, rope, old !== null);
  const today = dayIn(now(), sources.zoneOf(null));

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (wrong.size > 0 || saving) return;
    setSaving(true);
    setFailure(null);
    try {
      await api.addPart(id, bodyOf(entries, rope, old, correction));
      for (const name of [`elevators/${id}/parts`, 'budget']) touch(name);
      back(`/equipment/${id}`);
    } catch (error) {
      setFailure(failureOf(error));
      setSaving(false);
    }
  }

  const field = (name: string, label: string, type: 'text' | 'number' | 'date' = 'text', optional = false) => (
    <label class="field" key={name}>
      <span>
        {label} {optional && <small>{text.check.optional}</small>}
      </span>
      {type === 'date' ? (
        <input name={name} type="date" max={today} value={entries[name] ?? ''} aria-invalid={tried && wrong.has(name)} onInput={(event) => setEntries({ ...entries, [name]: event.currentTarget.value })} />
      ) : (
        <input
          name={name}
          type="text"
          inputMode={type === 'number' ? 'decimal' : 'text'}
          autocomplete="off"
          maxLength={200}
          value={entries[name] ?? ''}
          aria-invalid={tried && wrong.has(name)}
          onInput={(event) => setEntries({ ...entries, [name]: event.currentTarget.value })}
        />
      )}
    </label>
  );
  const select = (name: string, label: string, options: readonly (readonly [string, string])[]) => (
    <label class="field">
      <span>{label}</span>
      <select name={name} value={entries[name]} disabled={name === 'kind' && old !== null} onChange={(event) => setEntries({ ...entries, [name]: event.currentTarget.value })}>
        {options.map(([value, said]) => (
          <option key={value} value={value}>
            {said}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Pane
      name={`part-form/${id}`}
      title={old === null ? words.title : words.replace(say(old.kind_name))}
      backTo={`/equipment/${id}`}
      action={
        <>
          {(failure !== null || (tried && wrong.size > 0)) && (
            <p class="fault" role="alert">
              {failure !== null ? explain(failure, text) : words.wrong}
            </p>
          )}
          <button type="submit" form="part" class="button large primary" disabled={saving}>
            {saving ? words.saving : words.save}
          </button>
        </>
      }
    >
      <form id="part" class="check-form" onSubmit={(event) => void save(event)} noValidate>
        {select('kind', words.kind, kinds)}
        <div class="check-pair">
          {field('installed_on', words.installedOn, 'date')}
          {field('quantity', words.quantity, 'number')}
          {field('unit_price', words.unitPrice, 'number')}
          {field('lead_time_days', words.leadTime, 'number')}
          {field('supplier', words.supplier, 'text', true)}
          {field('maker', words.maker, 'text', true)}
          {field('model', words.model, 'text', true)}
        </div>
        {rope && (
          <div class="check-pair">
            {field('nominal_diameter_mm', words.diameter, 'number')}
            {select('construction', words.construction, CONSTRUCTIONS.map((each) => [each, each]))}
            {field('traction_sheave_mm', words.sheave, 'number', true)}
            {field('deflector_mm', words.deflector, 'number', true)}
            {field('pulleys', words.pulleys, 'number', true)}
            {field('reverse_pulleys', words.reversePulleys, 'number', true)}
          </div>
        )}
        {field('remarks', words.remarks, 'text', true)}
        {old !== null && (
          <>
            {field('reason', words.reason)}
            <label class="check">
              <input type="checkbox" checked={correction} onChange={(event) => setCorrection(event.currentTarget.checked)} />
              <span>{words.correction}</span>
            </label>
          </>
        )}
      </form>
    </Pane>
  );
}

function begin(old: Part | null, kind: string): Entries {
  if (old === null) return { kind, quantity: '1', construction: CONSTRUCTIONS[1] };
  return {
    kind: old.kind,
    quantity: String(old.quantity),
    unit_price: old.unit_price === null ? '' : String(old.unit_price / 100),
    lead_time_days: String(old.lead_time_days),
    supplier: old.supplier ?? '',
    maker: old.maker ?? '',
    model: old.model ?? '',
    nominal_diameter_mm: old.nominal_diameter_mm === null ? '' : String(old.nominal_diameter_mm),
    construction: old.construction ?? CONSTRUCTIONS[1],
    traction_sheave_mm: old.drive === null ? '' : String(old.drive.traction_sheave_mm),
    deflector_mm: old.drive?.deflector_mm == null ? '' : String(old.drive.deflector_mm),
    pulleys: old.drive === null ? '' : String(old.drive.pulleys),
    reverse_pulleys: old.drive === null ? '' : String(old.drive.reverse_pulleys),
  };
}

function wrongEntries(entries: Entries, rope: boolean, replaces: boolean): ReadonlySet<string> {
  const number = (name: string, needed: boolean, whole: boolean): boolean => {
    const value = parsed(entries[name]);
    return value === null ? needed : !(value >= 0) || (whole && !Number.isInteger(value));
  };
  const checks: readonly [string, boolean][] = [
    ['installed_on', (entries['installed_on'] ?? '') === ''],
    ['quantity', number('quantity', true, true)],
    ['unit_price', number('unit_price', true, false)],
    ['lead_time_days', number('lead_time_days', true, true)],
    ['nominal_diameter_mm', rope && number('nominal_diameter_mm', true, false)],
    ['traction_sheave_mm', rope && number('traction_sheave_mm', false, false)],
    ['deflector_mm', rope && number('deflector_mm', false, false)],
    ['pulleys', rope && number('pulleys', false, true)],
    ['reverse_pulleys', rope && number('reverse_pulleys', false, true)],
    ['reason', replaces && (entries['reason'] ?? '').trim() === ''],
  ];
  return new Set(checks.filter(([, wrong]) => wrong).map(([name]) => name));
}

function bodyOf(entries: Entries, rope: boolean, old: Part | null, correction: boolean): unknown {
  const words = (name: string): string | null => entries[name]?.trim() || null;
  const number = (name: string): number | null => parsed(entries[name]);
  const sheave = number('traction_sheave_mm');
  return {
    kind: entries['kind'],
    installed_on: entries['installed_on'],
    quantity: number('quantity'),
    unit_price: Math.round(number('unit_price')! * 100),
    currency: old?.currency ?? 'CNY',
    lead_time_days: number('lead_time_days'),
    ...Object.fromEntries(['supplier', 'maker', 'model', 'remarks', 'reason'].map((name) => [name, words(name)])),
    ...(rope
      ? {
          nominal_diameter_mm: number('nominal_diameter_mm'),
          construction: entries['construction'],
          drive: sheave === null ? null : { traction_sheave_mm: sheave, deflector_mm: number('deflector_mm'), pulleys: number('pulleys') ?? 0, reverse_pulleys: number('reverse_pulleys') ?? 0 },
        }
      : {}),
    replaces: old?.id ?? null,
    correction: old !== null && correction,
  };
}
