import { useState } from 'preact/hooks';
import { api } from '../api';
import { now } from '../clock';
import { severities } from '../alarm';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { tied, unitOf } from '../quantity';
import { touch, useResource } from '../resource';
import { navigate } from '../route';
import { displayOf } from '../rule';
import type { Level, Metric, Severity, Trial } from '../shapes';
import * as sources from '../sources';
import { Chart } from '../ui/chart';
import { MomentButton } from '../ui/moment';
import { NoteSheet } from '../ui/note-sheet';
import { Pane, Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';

const kinds = ['limit', 'fluctuation', 'rate'] as const;
type Kind = (typeof kinds)[number];
const sides = ['high', 'low'] as const;
const SHOWN = 20;
/** By kind, its numbers with their first values: `scaled` ones are in the display unit. */
const numbers: Readonly<Record<Kind, readonly { readonly name: string; readonly scaled?: boolean; readonly first: string }[]>> = {
  limit: [{ name: 'value', scaled: true, first: '' }, { name: 'deadband', scaled: true, first: '0' }, { name: 'on_delay_s', first: '60' }],
  fluctuation: [{ name: 'tolerance', scaled: true, first: '' }, { name: 'spreads', first: '3' }, { name: 'learn_h', first: '24' }, { name: 'on_delay_s', first: '60' }],
  rate: [{ name: 'change', scaled: true, first: '' }, { name: 'span_s', first: '60' }, { name: 'on_delay_s', first: '0' }],
};

/** A rule that is not there yet: what it would have raised last week, over the readings; then it is saved on trial. */
export function RuleDraftScreen() {
  const { text, say } = useLanguage();
  const metrics = useResource(sources.metrics).data ?? [];
  const equipmentKinds = useResource(sources.kinds).data ?? [];
  const [code, setCode] = useState('humidity');
  const [of, setOf] = useState('');
  const [kind, setKind] = useState<Kind>('limit');
  const [side, setSide] = useState<(typeof sides)[number]>('high');
  const [severity, setSeverity] = useState<Severity>('medium');
  const [given, setGiven] = useState<Readonly<Record<string, string>>>({});
  const [name, setName] = useState('');
  const [response, setResponse] = useState('');
  const [trial, setTrial] = useState<Trial | null>(null);
  const [working, setWorking] = useState(false);
  const [signing, setSigning] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const metric = metrics.find((each) => each.code === code);
  const change = <T,>(put: (value: T) => void) => (value: T): void => {
    put(value);
    setTrial(null);
  };
  const document = metric === undefined ? null : documentOf(metric);

  return (
    <Pane name="rule-draft" title={text.ruleDraft.title} under={<span class="minor">{text.ruleDraft.what}</span>} backTo="/rules">
      <div class="draft-form">
        {select(text.ruleDraft.metric, code, change(setCode), metrics.map((each) => [each.code, say(each.name)]))}
        {select(text.windows.kind, of, change(setOf), [['', text.rules.anyKind], ...equipmentKinds.map((each): [string, string] => [each.code, say(each.name)])])}
        <Segmented label={text.ruleDraft.looksFor} name="kind" value={kind} options={kinds.map((value) => ({ value, label: text.ruleDraft.kinds[value] }))} choose={change(setKind)} />
        {kind === 'limit' && <Segmented label={text.ruleDraft.side} name="side" value={side} options={sides.map((value) => ({ value, label: text.level[value] }))} choose={change(setSide)} />}
        <div class="rule-fields">
          {numbers[kind].map((each) => (
            <label key={each.name} class="field">
              <span>
                {each.name === 'learn_h' ? text.ruleDraft.learn : text.rules.field[each.name]}{' '}
                <span class="minor">{each.scaled === true && metric !== undefined ? unitOf(displayOf(metric), text) : each.name.endsWith('_s') ? text.rules.seconds : ''}</span>
              </span>
              <input type="text" inputMode="decimal" name={each.name} value={given[each.name] ?? each.first} onInput={(event) => change(setGiven)({ ...given, [each.name]: event.currentTarget.value })} />
            </label>
          ))}
        </div>
        {failure !== null && !signing && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <button type="button" class={`button large ${trial === null ? 'primary' : ''}`} disabled={document === null || working} onClick={() => void attempt()}>
          {working ? text.rules.trying : text.ruleDraft.tryIt}
        </button>
        {trial !== null && <TrialView trial={trial} severity={severity} limits={kind === 'limit' && document !== null ? [{ level: side as Level, value: Number((document['limit'] as { value: number }).value), severity }] : []} />}
        {trial !== null && (
          <Section title={text.ruleDraft.save}>
            <div class="draft-form">
              <Segmented label={text.ruleDraft.severity} name="severity" value={severity} options={severities.map((value) => ({ value, label: text.severity[value] }))} choose={setSeverity} />
              <label class="field">
                <span>{text.ruleDraft.name}</span>
                <input type="text" name="name" value={name} onInput={(event) => setName(event.currentTarget.value)} />
              </label>
              <label class="field">
                <span>{text.ruleDraft.response}</span>
                <textarea rows={2} name="response" value={response} onInput={(event) => setResponse(event.currentTarget.value)} />
              </label>
              <button type="button" class="button large primary" disabled={name.trim() === '' || response.trim() === ''} onClick={() => setSigning(true)}>
                {text.ruleDraft.save}
              </button>
            </div>
          </Section>
        )}
      </div>
      {signing && (
        <NoteSheet
          title={text.ruleDraft.save}
          label={text.rules.reason}
          hint={text.rules.reasonHint}
          action={text.ruleDraft.save}
          sending={working}
          failure={failure}
          close={() => {
            setSigning(false);
            setFailure(null);
          }}
          submit={(reason) => void save(reason)}
        />
      )}
    </Pane>
  );

  /** Null where something is no number. */
  function documentOf(known: Metric): Record<string, unknown> | null {
    const read: Record<string, number> = {};
    for (const each of numbers[kind]) {
      const shown = (given[each.name] ?? each.first).trim();
      const value = Number(shown);
      if (shown === '' || !Number.isFinite(value)) return null;
      read[each.name] = each.scaled === true ? Number((value / known.display_scale).toPrecision(12)) : value;
    }
    const { on_delay_s, learn_h, ...spec } = read;
    const unit = known.unit;
    const bySort: Readonly<Record<Kind, Record<string, unknown>>> = {
      limit: { ...spec, level: side, unit },
      fluctuation: { ...spec, unit, learn_s: (learn_h ?? 0) * 3600, learn_readings: 24, follow_s: 86_400 },
      rate: { ...spec, way: 'either', unit },
    };
    return { kind, scope: { metric: code, equipment_kind: of === '' ? null : of }, [kind]: bySort[kind], on_delay_s };
  }

  async function attempt(): Promise<void> {
    setWorking(true);
    setFailure(null);
    try {
      setTrial(await api.backtest(document));
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setWorking(false);
    }
  }

  async function save(reason: string): Promise<void> {
    setWorking(true);
    setFailure(null);
    try {
      const words = (said: string): Record<string, string> => ({ 'zh-CN': said, en: said });
      const basis = { source: 'own proposal', grade: 'P' };
      const own = { code: `own-${code.replaceAll('_', '-')}-${now().toString(36)}`, name: words(name.trim()), response: words(response.trim()) };
      const made = await api.addRule({ ...document, ...own, severity, basis, shadow: true, reason });
      touch('rules');
      navigate(`/rules/${made.id}`, 'replace');
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setWorking(false);
    }
  }

  function select(label: string, value: string, choose: (value: string) => void, options: readonly (readonly [string, string])[]) {
    return (
      <label class="field">
        <span>{label}</span>
        <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
          {options.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      </label>
    );
  }
}

interface TrialProps {
  readonly trial: Trial;
  readonly severity: Severity;
  readonly limits: readonly { readonly level: Level; readonly value: number; readonly severity: Severity }[];
}

function TrialView({ trial, severity, limits }: TrialProps) {
  const { text, say } = useLanguage();
  const [chosen, setChosen] = useState(trial.alarms[0]?.point_id ?? trial.points[0]?.id);
  const point = trial.points.find((each) => each.id === chosen);
  if (trial.points.length === 0) return <p class="note">{text.rules.watchesNothing}</p>;
  const at = (id: number): typeof trial.alarms => trial.alarms.filter((each) => each.point_id === id);
  const spans = at(chosen ?? 0).map((each) => ({ from: Date.parse(each.raised_at), to: each.cleared_at === null ? null : Date.parse(each.cleared_at), severity, before: false }));
  return (
    <div class="preview" role="region" aria-label={text.ruleDraft.tryIt}>
      <p class="strong">{text.ruleDraft.count(trial.count)}</p>
      <p class="minor">
        {text.rules.judged(trial.readings, trial.points.length)}
        {trial.points_left_out > 0 && text.rules.leftOut(trial.points_left_out)}
      </p>
      {trial.points.length > 1 && (
        <label class="field">
          <span>{text.ruleDraft.point}</span>
          <select value={String(chosen)} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {trial.points.map((each) => (
              <option key={each.id} value={String(each.id)}>{`${say(each.equipment.name)} · ${say(each.name)} (${at(each.id).length})`}</option>
            ))}
          </select>
        </label>
      )}
      {point !== undefined && (
        <>
          <Chart key={point.id} point={point} period={null} limits={limits} siteId={point.site.id} tried={spans} />
          <p class="minor">{text.ruleDraft.legend}</p>
        </>
      )}
      {trial.count > 0 && (
        <details class="folded" open={trial.count <= 5}>
          <summary>{`${text.ruleDraft.alarms} · ${trial.count}`}</summary>
          <ol class="ledger">
            {trial.alarms.slice(0, SHOWN).map((each) => {
              const place = trial.points.find((known) => known.id === each.point_id);
              return (
                <li key={`${each.point_id} ${each.raised_at}`}>
                  <MomentButton at={each.raised_at} siteId={place?.site.id ?? null} />
                  <div>
                    <span class="ledger-kind">{place === undefined ? '' : say(place.equipment.name)}</span>
                    <p class="ledger-remark">{tied(say(each.seen))}</p>
                  </div>
                </li>
              );
            })}
          </ol>
        </details>
      )}
    </div>
  );
}
