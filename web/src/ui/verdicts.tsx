import { boundOf, unitWord } from '../fire';
import { useLanguage } from '../language';
import type { Check, CheckValue, CheckVerdict, FormLimit } from '../shapes';

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
      {boundOf(limit)} · {text.source(limit.standard)} {text.source(limit.clause)} <abbr title={text.gradeLong[limit.grade]}>({limit.grade})</abbr>
    </span>
  );
}

/** All that was entered, with its verdicts, in the order of the form; what was not judged stands there too. */
export function Entries({ check }: { readonly check: Check }) {
  const { text, say } = useLanguage();
  const names = new Set(check.fields.map((field) => field.name));
  return (
    <ul class="verdicts">
      {check.fields.flatMap((field) => {
        const value = check.values[field.name];
        if (value === undefined) return [];
        const judged = check.verdicts.filter((each) => each.field === field.name);
        if (judged.length > 0) return judged.map((each, index) => <Judged key={`${field.name}/${index}`} of={each} value={shown(value, field.unit ?? '', field.options)} />);
        return [
          <li key={field.name}>
            <span>{say(field.label)}</span>
            <strong>{shown(value, field.unit ?? '', field.options)}</strong>
          </li>,
        ];
      })}
      {check.verdicts
        .filter((each) => !names.has(each.field))
        .map((each, index) => <Judged key={`${each.field}/${index}`} of={each} value={shown(each.value, each.unit, null)} />)}
    </ul>
  );

  function shown(value: CheckValue, unit: string, options: Check['fields'][number]['options']): string {
    if (typeof value === 'boolean') return value ? text.check.yes : text.check.no;
    if (typeof value === 'number') return `${value} ${unitWord(unit)}`.trim();
    const chosen = options?.[value];
    return chosen === undefined ? value : say(chosen);
  }
}

function Judged({ of, value }: { readonly of: CheckVerdict; readonly value: string }) {
  const { text, say } = useLanguage();
  return (
    <li>
      <span>{say(of.label)}</span>
      <strong>{value}</strong>
      <PassedWord passed={of.passed} />
      {of.limit !== null ? <Basis limit={of.limit} /> : of.requirement !== null && <span class="minor">{`${text.source(of.requirement.standard)} ${text.source(of.requirement.clause)} (${of.requirement.grade})`}</span>}
    </li>
  );
}
