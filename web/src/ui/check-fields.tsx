import type { ComponentChildren } from 'preact';
import { asked, fault, unitWord, type Judged, type Values } from '../fire';
import { useLanguage } from '../language';
import type { CheckForm, CheckValue, FormField } from '../shapes';
import { Basis, PassedWord } from './verdicts';

interface CheckFieldsProps {
  readonly form: CheckForm;
  readonly values: Values;
  readonly judged: readonly Judged[];
  /** Whether somebody has tried to send it: from then on what is missing is shown. */
  readonly tried: boolean;
  readonly set: (name: string, value: CheckValue | undefined) => void;
}

/** The fields of a form, each with its verdict as one types, and what is calculated from them. */
export function CheckFields({ form, values, judged, tried, set }: CheckFieldsProps) {
  const { text, say } = useLanguage();
  const own = new Set(form.fields.map((field) => field.name));
  return (
    <div class="check-fields">
      {form.fields
        .filter((field) => asked(field, values))
        .map((field) => (
          <Field key={field.name} field={field} value={values[field.name]} judged={judged.filter((each) => each.field === field.name)} tried={tried} set={(value) => set(field.name, value)} />
        ))}
      {judged
        .filter((each) => !own.has(each.field))
        .map((each, index) => (
          <div key={`${each.field}/${index}`} class="check-field derived">
            <span class="check-label">
              {say(each.label)} <small>{text.check.calculated}</small>
            </span>
            <strong>
              {String(each.value)} {unitWord(each.unit)}
            </strong>
            <Verdict of={each} />
          </div>
        ))}
      {form.fields.length > 0 && (
        <p class="minor">
          {text.check.basis}
          {text.colon}
          {text.source(form.standard)} {text.source(form.clause)} ({form.grade})
        </p>
      )}
    </div>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly value: CheckValue | undefined;
  readonly judged: readonly Judged[];
  readonly tried: boolean;
  readonly set: (value: CheckValue | undefined) => void;
}

function Field({ field, value, judged, tried, set }: FieldProps) {
  const { text, say } = useLanguage();
  const wrong = fault(field, value);
  // What is out of bounds is said at once; what is only missing not before somebody is done.
  const shown = wrong !== null && (tried || wrong !== 'missing');
  const label = (
    <>
      {say(field.label)}
      {!field.required && <small> {text.check.optional}</small>}
    </>
  );
  return (
    <div class="check-field">
      {field.type === 'flag' || field.type === 'choice' ? (
        <Choice field={field} label={label} value={value} wrong={shown} set={set} />
      ) : (
        <label class="field">
          <span>{label}</span>
          <span class="with-unit">
            {field.type === 'number' ? (
              <input
                type="text"
                inputMode="decimal"
                autocomplete="off"
                value={value === undefined ? '' : String(value)}
                aria-invalid={shown}
                onInput={(event) => set(typed(event.currentTarget.value))}
              />
            ) : field.type === 'date' ? (
              <input type="date" value={value === undefined ? '' : String(value)} aria-invalid={shown} onInput={(event) => set(event.currentTarget.value || undefined)} />
            ) : (
              <input type="text" maxLength={2000} value={value === undefined ? '' : String(value)} aria-invalid={shown} onInput={(event) => set(event.currentTarget.value || undefined)} />
            )}
            {unitWord(field.unit) !== '' && <span class="unit">{unitWord(field.unit)}</span>}
          </span>
        </label>
      )}
      {shown && (
        <p class="field-fault">
          {text.check.faults[wrong]}
          {wrong === 'bounds' && `${text.colon}${text.check.bounds(String(field.least ?? ''), `${field.most ?? ''} ${unitWord(field.unit)}`.trim())}`}
        </p>
      )}
      {judged.map((each, index) => (
        <Verdict key={index} of={each} />
      ))}
    </div>
  );
}

function Choice({ field, label, value, wrong, set }: { readonly field: FormField; readonly label: ComponentChildren; readonly value: CheckValue | undefined; readonly wrong: boolean; readonly set: (value: CheckValue) => void }) {
  const { text, say } = useLanguage();
  const options: readonly [CheckValue, string][] =
    field.type === 'flag' ? [[true, text.check.yes], [false, text.check.no]] : Object.entries(field.options ?? {}).map(([code, name]) => [code, say(name)]);
  return (
    <fieldset class={field.type === 'flag' ? 'choice' : 'choice is-long'}>
      <legend>{label}</legend>
      <div class="segmented">
        {options.map(([code, name]) => (
          <label key={String(code)} class={code === value ? 'is-chosen' : ''}>
            <input type="radio" name={field.name} checked={code === value} aria-invalid={wrong} onChange={() => set(code)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Where all is well one grey word is enough; the limit stands beside it either way. */
function Verdict({ of }: { readonly of: Judged }) {
  const { text } = useLanguage();
  if (of.limit === null && of.passed !== false) return null;
  return (
    <p class="verdict" role="status">
      <PassedWord passed={of.passed} />
      {of.limit !== null ? <Basis limit={of.limit} /> : typeof of.value === 'boolean' && <span class="minor">{text.check.requirement}</span>}
    </p>
  );
}

/** Decimal commas are typed too; what is no number stays as it was typed, to be told of. */
function typed(words: string): CheckValue | undefined {
  const plain = words.trim().replace(/[,，。]/, '.');
  if (plain === '') return undefined;
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : words;
}
