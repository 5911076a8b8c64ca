import { boundOf, unitWord } from '../fire';
import { useLanguage } from '../language';
import type { Check, CheckForm, CheckValue, CheckVerdict, FormLimit } from '../shapes';

/** Passed in grey, failed in words, shape and colour. */
export function PassedWord({ passed }: { readonly passed: boolean | null }) {
  const { text } = useLanguage();
  return <span class={`passed-word ${passed === false ? 'is-failed' : ''}`}>{passed === false ? `✕ ${text.check.failed}` : passed === true ? `✓ ${text.check.passed}` : text.check.notJudged}</span>;
}

/** A limit with its standard and how well that is known. */
export function Basis({ limit }: { readonly limit: FormLimit | NonNullable<CheckVerdict['limit']> }) {
  const { text } = useLanguage();
  return (
    <span class="minor">
      {boundOf(limit)} · {limit.standard} {limit.clause} <abbr title={text.gradeLong[limit.grade]}>({limit.grade})</abbr>
    </span>
  );
}

/** All that was entered, with its verdicts; what was not judged stands there too. */
export function Entries({ check, form }: { readonly check: Check; readonly form: CheckForm | undefined }) {
  const { text, say } = useLanguage();
  const judged = new Set(check.verdicts.map((each) => each.field));
  const rest = (form?.fields ?? []).filter((field) => !judged.has(field.name) && check.values[field.name] !== undefined);
  return (
    <ul class="verdicts">
      {check.verdicts.map((each, index) => (
        <li key={`${each.field}/${index}`}>
          <span>{say(each.label)}</span>
          <strong>{shownValue(each.value, each.unit)}</strong>
          <PassedWord passed={each.passed} />
          {each.limit !== null ? <Basis limit={each.limit} /> : each.requirement !== null && <span class="minor">{`${each.requirement.standard} ${each.requirement.clause} (${each.requirement.grade})`}</span>}
        </li>
      ))}
      {rest.map((field) => (
        <li key={field.name}>
          <span>{say(field.label)}</span>
          <strong>{shownValue(check.values[field.name]!, field.unit)}</strong>
        </li>
      ))}
    </ul>
  );

  function shownValue(value: CheckValue, unit: string): string {
    if (typeof value === 'boolean') return value ? text.check.yes : text.check.no;
    const chosen = (form?.fields ?? []).flatMap((field) => (field.options?.[String(value)] === undefined ? [] : [field.options[String(value)]!]))[0];
    if (typeof value === 'string') return chosen === undefined ? value : say(chosen);
    return `${value} ${unitWord(unit)}`.trim();
  }
}
