import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { boundOf } from '../fire';
import { useLanguage } from '../language';
import { entryFault, judge, parsed, type Draft, type Typed } from '../lift';
import type { JudgedItem, TestField, TestForm } from '../lift-shapes';
import { word } from '../text';
import { PassedWord } from './verdicts';

interface MeasuresProps {
  readonly form: TestForm;
  readonly fields: readonly TestField[];
  readonly typed: Typed;
  readonly draft: Draft;
  /** The day whose limits count. */
  readonly on: string;
  readonly rated: number | null;
  readonly set: (field: string, words: string) => void;
}

/** Numbers to enter, each judged as one types; the keyboard's own key leads to the next. */
export function Measures({ form, fields, typed, draft, on, rated, set }: MeasuresProps) {
  return (
    <div class="measures">
      {fields.map((field) => (
        <Measure key={field.field} field={field} words={typed[field.field] ?? ''} judged={judge(form, field, typed[field.field], draft, on, rated)} set={(words) => set(field.field, words)} />
      ))}
    </div>
  );
}

interface MeasureProps {
  readonly field: TestField;
  readonly words: string;
  readonly judged: readonly JudgedItem[];
  readonly set: (words: string) => void;
  readonly missing?: boolean;
  readonly children?: ComponentChildren;
}

export function Measure({ field, words, judged, set, missing = false, children }: MeasureProps) {
  const { text } = useLanguage();
  const id = useId();
  const wrong = entryFault(field, words);
  const unit = word(text.liftTest.units, field.unit) ?? field.unit;
  const name = word(text.liftTest.fields, field.field) ?? field.field;
  const failed = judged.find((each) => each.passed === false);
  const value = parsed(words);
  return (
    <div class={`measure${field.least < 0 ? ' is-signed' : ''}`}>
      <label for={id}>{name}</label>
      <span class="with-unit">
        <input
          id={id}
          name={field.field}
          type="text"
          inputMode="decimal"
          enterkeyhint="next"
          autocomplete="off"
          maxLength={12}
          value={words}
          aria-invalid={wrong !== null || missing}
          aria-describedby={`${id}-verdict`}
          onInput={(event) => set(event.currentTarget.value)}
          onKeyDown={next}
        />
        {field.least < 0 && (
          // The numbers' keyboard of some phones has no minus.
          <button type="button" class="button sign" aria-label={`${text.liftTest.sign}${text.colon}${name}`} onClick={() => set(flipped(words))}>
            ±
          </button>
        )}
        <span class="unit">{unit}</span>
      </span>
      {children}
      <p id={`${id}-verdict`} class="measure-verdict" role="status">
        {wrong !== null ? (
          <span class="field-fault">
            {wrong.kind === 'number'
              ? text.liftTest.number
              : `${text.liftTest.bounds(String(field.least), `${field.most} ${unit}`)}${wrong.looksLike === null ? '' : `${text.comma}${text.liftTest.looksLike(word(text.liftTest.units, wrong.looksLike) ?? wrong.looksLike)}`}`}
          </span>
        ) : (
          value !== null && (
            <>
              {field.least < 0 && value !== 0 && <span class="minor">{value > 0 ? text.liftTest.high : text.liftTest.low}</span>}
              {failed !== undefined ? <Told of={failed} /> : judged.map((each, index) => <Told key={index} of={each} />)}
            </>
          )
        )}
      </p>
    </div>
  );
}

function Told({ of }: { readonly of: JudgedItem }) {
  const { text } = useLanguage();
  if (of.limit === null) return <span class="minor">{text.liftTest.noLimit}</span>;
  return (
    <>
      <PassedWord passed={of.passed} />
      <span class="minor">
        {of.unit === '%' && `${of.value} % · `}
        {boundOf(of.limit)}
      </span>
    </>
  );
}

const flipped = (words: string): string => (/^[-−–]/.test(words.trim()) ? words.trim().slice(1) : `-${words.trim()}`);

/** Enter is the next field here, not the end of the form. */
function next(event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  const all = [...(event.currentTarget.form?.querySelectorAll<HTMLElement>('.measure input, .next-floor') ?? [])];
  all[all.indexOf(event.currentTarget) + 1]?.focus();
}
