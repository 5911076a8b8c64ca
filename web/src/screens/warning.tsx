import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import type { LiftWarningDetail } from '../lift-shapes';
import { failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { may, session } from '../session';
import * as sources from '../sources';
import { useStore } from '../store';
import { word } from '../text';
import { dayIn, dayWord } from '../time';
import { Link } from '../ui/link';
import { MomentButton } from '../ui/moment';
import { NoteSheet } from '../ui/note-sheet';
import { Pane, Section } from '../ui/pane';
import { Listing, SkeletonPage } from '../ui/states';
import { TrendChart } from '../ui/trend-chart';
import { Basis } from '../ui/verdicts';

type Step = 'confirm' | 'act' | 'dismiss';

/** One early warning with its trend, and what people make of it. */
export function WarningScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const warning = useResource(sources.warning(id));
  const { data } = warning;
  return (
    <Pane
      name={`warnings/${id}`}
      title={data === undefined ? text.warnings.title : (word(text.liftTest.quantities, data.quantity) ?? data.quantity)}
      under={
        data !== undefined && (
          <>
            <strong>{text.warnings.states[data.state]}</strong>
            <span class="minor">
              {say(data.elevator.name)} · {data.floor === null ? text.liftTest.car : text.liftTest.floor(data.floor)}
            </span>
          </>
        )
      }
      backTo="/warnings"
      {...(data === undefined || data.ended_at !== null ? {} : { action: <Steps warning={data} /> })}
    >
      <Listing of={warning} loading={text.warnings.loading} skeleton={<SkeletonPage />}>
        {(found) => <Body warning={found} />}
      </Listing>
    </Pane>
  );
}

function Body({ warning }: { readonly warning: LiftWarningDetail }) {
  const { text, locale } = useLanguage();
  const day = (at: string): string => dayWord(dayIn(Date.parse(at), sources.zoneOf(warning.site_id)), locale);
  const number = (value: number): string => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value);
  const weekly = warning.slope_per_day * 7;
  return (
    <>
      <p class="test-verdict">
        <strong>{text.warnings.expected(day(warning.expected_at))}</strong>
        <span class="minor">{warning.latest_at === null ? text.warnings.rangeOpen(day(warning.earliest_at)) : text.warnings.range(day(warning.earliest_at), day(warning.latest_at))}</span>
      </p>
      {warning.steps.length > 0 && (
        <Section title={text.warnings.steps}>
          <ul class="rows">
            {warning.steps.map((step) => (
              <li key={step.at} class="task-row">
                <strong>{text.warnings.states[step.state]}</strong>
                <span>{step.reason}</span>
                <span class="minor">
                  {step.by.name} · <MomentButton at={step.at} siteId={warning.site_id} />
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <TrendChart of={warning} />
      <Section title={text.warnings.limit}>
        <p>
          <Basis limit={{ ...warning.limit, quantity: warning.quantity }} />
        </p>
        <dl class="facts">
          <div>
            <dt>{text.warnings.now}</dt>
            <dd>
              {number(warning.level)} {warning.unit}
            </dd>
          </div>
          <div>
            <dt>{text.warnings.slope}</dt>
            <dd>
              {weekly > 0 ? '+' : ''}
              {number(weekly)} {warning.unit} · {text.warnings.fitted(warning.tests)}
            </dd>
          </div>
        </dl>
        <p class="minor">
          {text.warnings.opened(day(warning.opened_at))} · {warning.ended_at === null ? text.warnings.renewed(day(warning.looked_at)) : text.warnings.ended(day(warning.ended_at))}
        </p>
        <p class="after">
          <Link href={`/elevators/${warning.elevator.id}/tests`} class="button">
            {text.warnings.seeTests}
          </Link>
        </p>
      </Section>
    </>
  );
}

/** A contractor says what was done; the site's own people confirm and dismiss. */
function Steps({ warning }: { readonly warning: LiftWarningDetail }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const [step, setStep] = useState<Step | null>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  if (!may(state, 'write:tests') || state.phase !== 'in') return null;
  const own = state.person.role !== 'contractor';
  const steps: readonly Step[] = [...(own && warning.state === 'open' ? (['confirm'] as const) : []), 'act', ...(own ? (['dismiss'] as const) : [])];
  const hints = { confirm: text.warnings.confirmHint, act: text.warnings.actHint, dismiss: text.warnings.dismissHint };

  async function submit(reason: string): Promise<void> {
    if (step === null) return;
    setSending(true);
    setFailure(null);
    try {
      await api.moveWarning(warning.id, warning.version, step, reason);
      setStep(null);
      for (const name of [`elevator-warnings/${warning.id}`, 'elevator-warnings']) touch(name);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  }

  return (
    <>
      <div class="actions">
        {steps.map((each, index) => (
          <button key={each} type="button" class={`button large${index === 0 ? ' primary' : ''}`} onClick={() => setStep(each)}>
            {text.warnings[each]}
          </button>
        ))}
      </div>
      {step !== null && (
        <NoteSheet title={text.warnings[step]} label={text.warnings.reason} hint={hints[step]} action={text.warnings[step]} sending={sending} failure={failure} close={() => setStep(null)} submit={(note) => void submit(note)} />
      )}
    </>
  );
}
