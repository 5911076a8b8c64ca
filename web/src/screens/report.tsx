import { useState } from 'preact/hooks';
import { api, BASE } from '../api';
import { useLanguage } from '../language';
import { failureOf, type Failure } from '../problem';
import { limitQuantity } from '../quantity';
import { touch, useResource } from '../resource';
import { documentOf, draftOf, displayOf } from '../rule';
import { may, session } from '../session';
import type { AlarmReport, Metric, Nuisance, QueueFigures, Severity } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { shortDuration } from '../time';
import { Link } from '../ui/link';
import { MomentButton } from '../ui/moment';
import { NoteSheet } from '../ui/note-sheet';
import { Pane, Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Glyph } from '../ui/severity';
import { Empty, Listing, SkeletonPage } from '../ui/states';

const periods = [1, 7, 30] as const;
const SHOWN = 10;

/** The key figures of each site beside their targets, and what to change where alarms are a nuisance. */
export function ReportScreen() {
  const { text, say } = useLanguage();
  const [days, setDays] = useState<number>(7);
  const report = useResource(sources.alarmReport(days));
  return (
    <Pane name="report" title={text.report.title} under={<span class="minor">{text.report.what}</span>} backTo="/me">
      <Segmented
        label={text.report.period}
        name="period"
        value={String(days)}
        options={periods.map((each) => ({ value: String(each), label: text.report.days(each) }))}
        choose={(value) => setDays(Number(value))}
      />
      <Listing of={report} loading={text.states.loading} skeleton={<SkeletonPage />} isEmpty={(data) => data.queues.length === 0} empty={<Empty>{text.report.noQueues}</Empty>}>
        {(data) =>
          data.queues.map((queue) => (
            <article key={queue.site.id} class="report">
              <Section title={say(queue.site.name)}>
                <Figures queue={queue} targets={data.targets} />
              </Section>
              <Lists queue={queue} />
              <a class="button" href={`${BASE}/alarms/transitions/export?format=xlsx&site=${queue.site.id}&from=${encodeURIComponent(data.from)}`} download="alarm-ledger.xlsx">
                {text.report.file}
              </a>
            </article>
          ))
        }
      </Listing>
    </Pane>
  );
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target: string;
  readonly off: boolean;
}

function Figures({ queue, targets }: { readonly queue: QueueFigures; readonly targets: AlarmReport['targets'] }) {
  const { text, locale } = useLanguage();
  const number = (value: number): string => new Intl.NumberFormat(locale, value < 10 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 }).format(value);
  const percent = (value: number): string => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(value);
  const target = (name: string): number => targets[name] ?? Infinity;
  const length = (seconds: number | null): string => (seconds === null ? '–' : shortDuration(seconds * 1000, text));
  const rate = (name: string, of: { average: number; peak: number }, key: string): Figure => ({
    name,
    value: text.report.averagePeak(number(of.average), number(of.peak)),
    target: text.report.target(number(target(key)), number(target(`${key}_most`))),
    off: of.average > target(`${key}_most`),
  });
  const share = (name: string, value: number, key: string): Figure => ({ name, value: percent(value), target: text.report.below(percent(target(key))), off: value > target(key) });
  // the standard's 80 % is that of medium and low together
  const rest = (severity: Severity): boolean => severity === 'medium' || severity === 'low';
  const priorities = [...queue.priorities.filter((each) => !rest(each.severity)).map((each) => [each]), queue.priorities.filter((each) => rest(each.severity))];
  const figures: Figure[] = [
    { name: text.report.alarms, value: number(queue.alarms), target: '', off: false },
    rate(text.report.per10, queue.per_10_min, 'per_10_min'),
    rate(text.report.perDay, queue.per_day, 'per_day'),
    share(text.report.over10, queue.per_10_min.over_10_share, 'over_10_share'),
    share(text.report.inFlood, queue.floods.share_of_time, 'flood_share'),
    // of a handful of alarms the ten most frequent are always all
    { ...share(text.report.topShare, queue.top.share, 'top_share'), off: queue.alarms > 100 && queue.top.share > target('top_share') },
    { name: text.report.acknowledged, value: length(queue.acknowledge_s.median), target: '', off: false },
    { name: text.report.returned, value: length(queue.return_s.median), target: '', off: false },
  ];
  return (
    <>
      <dl class="report-figures">
        {figures.map((figure) => (
          <div key={figure.name} class={figure.off ? 'is-off' : ''}>
            <dt>
              {figure.name}
              {figure.target !== '' && <span class="minor">{figure.target}</span>}
            </dt>
            <dd>{figure.value}</dd>
          </div>
        ))}
      </dl>
      <dl class="report-figures" aria-label={text.report.priorities}>
        {priorities.map((shares) => (
          <div key={shares[0]!.severity}>
            <dt class="report-severity">
              {shares.map(({ severity }) => (
                <span key={severity}>
                  <Glyph severity={severity} /> {text.severity[severity]}
                </span>
              ))}
            </dt>
            <dd>{text.report.ofTarget(percent(shares.reduce((sum, each) => sum + each.share, 0)), percent(shares[0]!.target))}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Lists({ queue }: { readonly queue: QueueFigures }) {
  const { text, locale, say } = useLanguage();
  const percent = (value: number): string => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(value);
  const { floods, top, chattering, fleeting, stale, shelved } = queue;
  return (
    <>
      <Section title={text.report.floods} aside={floods.count}>
        {floods.count === 0 && <p class="minor">{text.report.noFloods}</p>}
        <ol class="ledger">
          {floods.items.slice(0, SHOWN).map((each) => (
            <li key={each.start}>
              <MomentButton at={each.start} siteId={queue.site.id} />
              <p>{text.report.flood(each.alarms, shortDuration(Date.parse(each.end) - Date.parse(each.start), text))}</p>
            </li>
          ))}
        </ol>
      </Section>
      <Section title={text.report.chattering} aside={chattering.count}>
        {chattering.items.length === 0 && <p class="minor">{text.report.noChatter}</p>}
        <Nuisances items={chattering.items} />
      </Section>
      <Section title={text.report.fleeting} aside={fleeting.count}>
        {fleeting.items.length === 0 && <p class="minor">{text.report.noFleeting}</p>}
        <Nuisances items={fleeting.items} />
      </Section>
      {top.items.length > 0 && (
        <Section title={text.report.top}>
          <ul class="rows">
            {top.items.map((each) => (
              <li key={`${each.rule.id}/${each.point.id}`} class="report-row">
                <Link href={`/rules/${each.rule.id}`} class="row-link">
                  {say(each.rule.name)}
                </Link>
                <p class="minor">{`${say(each.equipment.name)} · ${text.report.times(each.count, percent(each.share))}`}</p>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {stale.count > 0 && (
        <Section title={text.report.stale} aside={stale.count}>
          <ul class="rows">
            {stale.items.slice(0, SHOWN).map((each) => (
              <li key={each.alarm_id} class="report-row">
                <Link href={`/alarms/${each.alarm_id}`} class="row-link">
                  {say(each.rule.name)}
                </Link>
                <p class="minor">{`${say(each.equipment.name)} · ${shortDuration(each.active_s * 1000, text)}`}</p>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {shelved.count > 0 && (
        <Section title={text.report.shelved} aside={shelved.count}>
          <ul class="rows">
            {shelved.items.slice(0, SHOWN).map((each) => (
              <li key={`${each.alarm_id} ${each.requested_at}`} class="report-row">
                <Link href={`/alarms/${each.alarm_id}`} class="row-link">
                  {each.reason}
                </Link>
                <p class="minor">
                  {`${each.requested_by.name} · `}
                  <MomentButton at={each.requested_at} siteId={queue.site.id} />
                </p>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** Of each source the ways that would have spared raises; a tap and a reason make one the rule's next version. */
function Nuisances({ items }: { readonly items: readonly Nuisance[] }) {
  const { text, locale, say } = useLanguage();
  const rules = useResource(sources.rules);
  const metrics = useResource(sources.metrics);
  const allowed = may(useStore(session), 'write:rules');
  const [chosen, setChosen] = useState<{ readonly item: Nuisance; readonly change: Change } | null>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [accepted, setAccepted] = useState<ReadonlySet<number>>(new Set());
  return (
    <>
      <ul class="rows">
        {items.map((each) => (
          <li key={`${each.rule.id}/${each.point.id}`} class="report-row">
            <Link href={`/rules/${each.rule.id}`} class="row-link">
              {say(each.rule.name)}
            </Link>
            <p class="minor">{`${say(each.equipment.name)} · ${text.report.times(each.count, null)}`}</p>
            {accepted.has(each.rule.id) ? (
              <p role="status">{text.report.accepted}</p>
            ) : (
              <>
                <p class="minor">{each.proposal === null ? text.report.noProposal : text.report.spared(each.proposal.spared, changes(each).length)}</p>
                <div class="actions">
                  {changes(each).map((change) => (
                    <button key={change.field} type="button" class="button" disabled={!allowed} onClick={() => setChosen({ item: each, change })}>
                      {change.words}
                    </button>
                  ))}
                </div>
              </>
            )}
          </li>
        ))}
      </ul>
      {chosen !== null && (
        <NoteSheet
          title={text.report.acceptTitle(chosen.change.words)}
          label={text.rules.reason}
          hint={text.rules.reasonHint}
          action={text.report.accept}
          sending={sending}
          failure={failure}
          close={() => {
            setChosen(null);
            setFailure(null);
          }}
          submit={(reason) => void accept(chosen.item, chosen.change, reason)}
        />
      )}
    </>
  );

  function metricOf(item: Nuisance): Metric | undefined {
    const rule = rules.data?.find((each) => each.id === item.rule.id);
    return metrics.data?.find((each) => each.code === rule?.scope.metric);
  }

  function changes({ proposal, ...item }: Nuisance): Change[] {
    const metric = metricOf({ proposal, ...item });
    if (proposal === null || metric === undefined) return [];
    const found: Change[] = [];
    const { deadband, off_delay_s: off, on_delay_s: on } = proposal;
    if (deadband !== null) found.push({ field: 'deadband', value: deadband, words: text.report.deadband(limitQuantity(deadband, displayOf(metric), text, locale)) });
    if (off !== null) found.push({ field: 'off_delay_s', value: off, words: text.report.offDelay(shortDuration(off * 1000, text)) });
    if (on !== null) found.push({ field: 'on_delay_s', value: on, words: text.report.onDelay(shortDuration(on * 1000, text)) });
    return found;
  }

  async function accept(item: Nuisance, change: Change, reason: string): Promise<void> {
    setSending(true);
    setFailure(null);
    try {
      const rule = await api.rule(item.rule.id);
      const scale = metricOf(item)?.display_scale ?? 1;
      const draft = draftOf(rule, scale);
      const shown = String(Number((change.value * (change.field === 'deadband' ? scale : 1)).toPrecision(12)));
      await api.changeRule(rule.id, rule.version, { ...documentOf(rule, { ...draft, [change.field]: shown }, scale), reason });
      for (const name of ['rules', `rules/${rule.id}`, `rules/${rule.id}/versions`]) touch(name);
      setAccepted(new Set([...accepted, rule.id]));
      setChosen(null);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  }
}

/** One number of a rule that is proposed, in the unit that the rule is kept in. */
interface Change {
  readonly field: 'deadband' | 'off_delay_s' | 'on_delay_s';
  readonly value: number;
  readonly words: string;
}
