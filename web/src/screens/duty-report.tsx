import { useState } from 'preact/hooks';
import { BASE } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import type { DutyReport } from '../lift-shapes';
import { useResource } from '../resource';
import type { TaskState } from '../shapes';
import * as sources from '../sources';
import { dayAfter, dayIn, dayWord } from '../time';
import { Icon } from '../ui/icon';
import { Link } from '../ui/link';
import { Pane } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Empty, Listing, SkeletonRows } from '../ui/states';

type Period = 'day' | 'week' | 'month';

/** The period with `day` in it: from its first to its last day. */
function spanOf(period: Period, day: string): readonly [string, string] {
  if (period === 'day') return [day, day];
  if (period === 'week') {
    const monday = dayAfter(day, -((new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7));
    return [monday, dayAfter(monday, 6)];
  }
  const first = `${day.slice(0, 7)}-01`;
  return [first, dayAfter(`${dayAfter(first, 31).slice(0, 7)}-01`, -1)];
}

/** 日管控, 周排查, 月调度: what fills itself, to be looked at, printed and signed. */
export function DutyReportScreen() {
  const { text, locale, say } = useLanguage();
  const sites = useResource(sources.roundSites);
  const [siteId, setSite] = useState<number | null>(null);
  const [period, setPeriod] = useState<Period>('week');
  const [chosen, setDay] = useState<string | null>(null);
  const site = sites.data?.value.find((each) => each.id === siteId) ?? sites.data?.value[0];
  const today = dayIn(now(), sources.zoneOf(site?.id ?? null));
  const [first, last] = spanOf(period, chosen ?? today);
  const report = useResource(site === undefined ? null : sources.dutyReport(site.id, first, last));
  const file = (kind: string): string => `${BASE}/reports/elevator-duty.${kind}?${new URLSearchParams({ site: String(site?.id ?? ''), from: first, to: last, locale }).toString()}`;
  return (
    <Pane
      name="duty-report"
      title={text.dutyReport.title}
      under={<span class="minor">{text.dutyReport.what}</span>}
      backTo="/lifts"
      broad
      action={
        site !== undefined && (
          <div class="actions">
            <a class="button large primary" href={file('pdf')} target="_blank" rel="noopener">
              {text.dutyReport.paper}
            </a>
            <a class="button large" href={file('xlsx')}>
              {text.dutyReport.workbook}
            </a>
          </div>
        )
      }
    >
      {(sites.data?.value.length ?? 0) > 1 && (
        <label class="field">
          <span>{text.dutyReport.site}</span>
          <select value={site?.id} onChange={(event) => setSite(Number(event.currentTarget.value))}>
            {sites.data?.value.map((each) => (
              <option key={each.id} value={each.id}>
                {say(each.name)}
              </option>
            ))}
          </select>
        </label>
      )}
      <Segmented
        label={text.dutyReport.title}
        name="period"
        value={period}
        options={(['day', 'week', 'month'] as const).map((value) => ({ value, label: text.dutyReport.periods[value] }))}
        choose={setPeriod}
      />
      <div class="day-picker after">
        <button type="button" class="icon-button" aria-label={text.dutyReport.previous} onClick={() => setDay(dayAfter(first, -1))}>
          <Icon name="left" />
        </button>
        <strong class="period">{first === last ? dayWord(first, locale) : `${dayWord(first, locale)} – ${dayWord(last, locale)}`}</strong>
        <button type="button" class="icon-button" aria-label={text.dutyReport.following} disabled={last >= today} onClick={() => setDay(dayAfter(last, 1))}>
          <Icon name="right" />
        </button>
      </div>
      <Listing of={report} loading={text.dutyReport.loading} skeleton={<SkeletonRows count={4} />} isEmpty={(data) => data.items.length === 0} empty={<Empty>{text.dutyReport.empty}</Empty>}>
        {(data) => <Lines report={data} />}
      </Listing>
      <p class="minor after">{text.dutyReport.sign}</p>
    </Pane>
  );
}

function Lines({ report }: { readonly report: DutyReport }) {
  const { text, say } = useLanguage();
  const follow = report.items.filter((each) => !each.in_order);
  const counts = (of: Readonly<Partial<Record<TaskState, number>>>): string =>
    Object.entries(of)
      .map(([state, count]) => `${text.upkeepCalendar.state[state as TaskState]} ${count}`)
      .join(text.comma);
  return (
    <>
      <p class="test-verdict">
        <strong>{follow.length === 0 ? text.dutyReport.allInOrder(report.items.length) : text.dutyReport.toFollow(follow.length, report.items.length)}</strong>
        <span class="minor">
          {text.dutyReport.contractor}
          {text.colon}
          {report.contractors.map((each) => say(each)).join(text.comma) || '—'}
        </span>
      </p>
      <ul class="rows duty-lines">
        {[...follow, ...report.items.filter((each) => each.in_order)].map((each) => {
          const found = [
            [each.failed, text.dutyReport.counts.failed],
            [each.critical_alarms, text.dutyReport.counts.critical],
            [each.alarms, text.dutyReport.counts.alarms],
            [each.open_tickets, text.dutyReport.counts.tickets],
            [each.warnings, text.dutyReport.counts.warnings],
          ] as const;
          return (
            <li key={each.equipment_id} class="task-row compact">
              <Link href={`/equipment/${each.equipment_id}`} class="row-link">
                {each.code}
              </Link>
              <span class={`task-state${each.in_order ? '' : ' overdue'}`}>{each.in_order ? text.dutyReport.inOrder : text.dutyReport.follow}</span>
              <span class="minor">
                {text.dutyReport.tests} {counts(each.tests) || '—'} · {text.dutyReport.maintenance} {counts(each.maintenance) || '—'}
              </span>
              {found.some(([count]) => count > 0) && (
                <span class="minor">
                  {found
                    .filter(([count]) => count > 0)
                    .map(([count, name]) => `${name} ${count}`)
                    .join(' · ')}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}
