import { isDuty, nearPlace, responseDue, sentence } from '../alarm';
import { pendings } from '../acknowledge';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { basisMark, isCoded, isStale, limitQuantity, limitWords, quantity, tied } from '../quantity';
import { useResource } from '../resource';
import { may, session } from '../session';
import type { Alarm } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { clock, duration } from '../time';
import { AcknowledgeButton } from '../ui/acknowledge-button';
import { Chart } from '../ui/chart';
import { DutySection } from '../ui/duty-section';
import { Ledger } from '../ui/ledger';
import { Link } from '../ui/link';
import { Ago, MomentButton } from '../ui/moment';
import { Notices } from '../ui/notices';
import { Pane, Section } from '../ui/pane';
import { QuietSection } from '../ui/quiet-section';
import { SeverityWord } from '../ui/severity';
import { Listing, SkeletonPage, SkeletonRows } from '../ui/states';

export function AlarmScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const alarm = useResource(sources.alarm(id));
  const allowed = may(useStore(session), 'write:alarms');
  const waits = alarm.data?.acknowledged === false && (allowed || useStore(pendings).has(id));
  return (
    <Pane
      name={`alarm/${id}`}
      title={alarm.data === undefined ? text.alarm.title : say(alarm.data.title)}
      under={alarm.data !== undefined && <Where alarm={alarm.data} />}
      backTo="/now"
      {...(alarm.data !== undefined && waits ? { action: <AcknowledgeButton alarm={alarm.data} large /> } : {})}
    >
      <Listing of={alarm} loading={text.alarm.loading} skeleton={<SkeletonPage />}>
        {(data) => <Facts alarm={data} />}
      </Listing>
    </Pane>
  );
}

function Where({ alarm }: { readonly alarm: Alarm }) {
  const { say } = useLanguage();
  const manySites = sources.useManySites();
  return (
    <>
      <Link href={`/equipment/${alarm.equipment.id}`}>{say(alarm.equipment.name)}</Link>
      <span class="minor">{nearPlace(say(alarm.place), manySites)}</span>
    </>
  );
}

function Facts({ alarm }: { readonly alarm: Alarm }) {
  const { text, locale, say } = useLanguage();
  const ledger = useResource(sources.alarmLedger(alarm.id));
  const notices = useResource(sources.alarmNotices(alarm.id));
  const point = useResource(sources.point(alarm.point.id));
  // the calendar has no values to draw: it says where the duty is open, each with its ticket
  const ofDuty = isDuty(alarm);
  const response = say(alarm.response);
  const cause = say(alarm.cause);
  return (
    <div class="alarm-page">
      <div class={`alarm-what ${alarm.severity} ${alarm.state}`}>
        <p class="alarm-what-top">
          <SeverityWord severity={alarm.severity} state={alarm.state} />
          {alarm.life_safety && <span class="tag">{text.now.lifeSafety}</span>}
          <span>{text.alarmState[alarm.state]}</span>
        </p>
        <p class="alarm-sentence">{sentence(alarm, text, locale)}</p>
        <p class="minor">
          <MomentButton at={alarm.raised_at} siteId={alarm.site.id} /> · <Length alarm={alarm} />
          {alarm.raise_count > 1 && ` · ${text.now.again(alarm.raise_count)}`}
          {alarm.acknowledged_by !== null && ` · ${text.alarm.acknowledgedBy(alarm.acknowledged_by.name)}`}
        </p>
      </div>

      {response !== '' && (
        <Section title={text.alarm.respond}>
          <p class="alarm-response">{response}</p>
          <ResponseDue alarm={alarm} />
        </Section>
      )}

      {ofDuty ? <DutySection alarm={alarm} /> : <Section title={text.alarm.chart}>
        <Values alarm={alarm} latest={point.data?.latest ?? null} period={point.data?.report_period_s ?? null} />
        <Chart
          point={alarm.point}
          period={point.data?.report_period_s ?? null}
          limits={chartLimits()}
          siteId={alarm.site.id}
          alarm={{ from: Date.parse(alarm.raised_at), to: alarm.returned_at === null ? null : Date.parse(alarm.returned_at), severity: alarm.severity }}
        />
      </Section>}

      <QuietSection alarm={alarm} />

      {cause !== '' && (
        <Section title={text.alarm.cause}>
          <p>{cause}</p>
        </Section>
      )}

      {!ofDuty && <Section title={text.alarm.ticket}>
        {alarm.ticket_id === null ? (
          <p class="minor">{text.alarm.noTicket}</p>
        ) : (
          <Link href={`/tickets/${alarm.ticket_id}`} class="button">
            {text.tickets.number(alarm.ticket_id)}
          </Link>
        )}
      </Section>}

      <Section title={text.alarm.told}>
        <Listing of={notices} loading={text.states.loading} skeleton={<SkeletonRows count={2} />}>
          {(data) => <Notices notices={data} siteId={alarm.site.id} />}
        </Listing>
      </Section>

      <Section title={text.alarm.ledger}>
        <Listing of={ledger} loading={text.states.loading} skeleton={<SkeletonRows count={2} />}>
          {(data) => <Ledger entries={data} siteId={alarm.site.id} />}
        </Listing>
      </Section>
    </div>
  );

  // The limit that raised it is always drawn, even where the rule has been changed since.
  function chartLimits() {
    const own = alarm.limit === null ? [] : [{ level: alarm.limit.level, value: alarm.limit.value, severity: alarm.severity }];
    const others = (point.data?.limits ?? []).filter((limit) => limit.rule_id !== alarm.rule.id);
    return [...own, ...others];
  }
}

function Length({ alarm }: { readonly alarm: Alarm }) {
  const { text } = useLanguage();
  const now = useNow();
  if (alarm.returned_at === null) return <>{text.alarm.lasting(duration(now - Date.parse(alarm.raised_at), text))}</>;
  return <>{text.alarm.lasted(duration(Date.parse(alarm.returned_at) - Date.parse(alarm.raised_at), text))}</>;
}

function ResponseDue({ alarm }: { readonly alarm: Alarm }) {
  const { text, locale } = useLanguage();
  const now = useNow();
  const due = responseDue(alarm);
  if (due === null) return null;
  const at = clock(due, now, locale, sources.zoneOf(alarm.site.id));
  if (now <= due) return <p class="minor">{text.alarm.respondBy(at, text.time.left(duration(due - now, text)))}</p>;
  return <p class="late">{text.alarm.respondLate(at, duration(now - due, text))}</p>;
}

interface ValuesProps {
  readonly alarm: Alarm;
  readonly latest: { readonly at: string; readonly value: number } | null;
  readonly period: number | null;
}

/** The value now beside the value then and the limit that both are judged by. */
function Values({ alarm, latest, period }: ValuesProps) {
  const { text, locale, say } = useLanguage();
  const now = useNow();
  const { point, limit } = alarm;
  const stale = latest !== null && isStale(Date.parse(latest.at), now, period);
  return (
    <dl class={isCoded(point) ? 'values is-coded' : 'values'}>
      <div class={stale ? 'is-stale' : ''}>
        <dt>{text.alarm.nowValue}</dt>
        <dd>
          <strong>{latest === null ? '—' : quantity(latest.value, point, text, locale)}</strong>
          <span class="minor">
            {latest === null ? text.equipment.noValue : <Ago at={latest.at} />}
            {stale && ` · ${text.equipment.stale}`}
          </span>
        </dd>
      </div>
      <div>
        <dt>{text.alarm.atRaise}</dt>
        <dd>
          <strong>{limit === null ? tied(say(alarm.seen)) : quantity(alarm.value, point, text, locale)}</strong>
          <span class="minor">
            <MomentButton at={alarm.raised_at} siteId={alarm.site.id} />
          </span>
        </dd>
      </div>
      {limit !== null && <div>
        <dt>{text.alarm.limit}</dt>
        <dd>
          <strong>{isCoded(point) ? limitWords(limit, point, text, locale) : `${text.level[limit.level]} ${limitQuantity(limit.value, point, text, locale)}`}</strong>
          <span class="minor">
            {limit.deadband > 0 && !isCoded(point) && `${text.alarm.deadband(limitQuantity(limit.deadband, point, text, locale))} · `}
            {limit.basis !== null && (
              <span title={text.gradeLong[limit.basis.grade]}>
                {text.grade[limit.basis.grade]} ({basisMark(limit.basis, text)}) {text.source(limit.basis.source)}
              </span>
            )}
          </span>
        </dd>
      </div>}
    </dl>
  );
}

