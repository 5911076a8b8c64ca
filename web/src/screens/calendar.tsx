import { useLanguage } from '../language';
import { now } from '../clock';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import type { Task, TaskState } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { dayAfter, dayIn, dayWord } from '../time';
import { Icon } from '../ui/icon';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { Empty, Listing, SkeletonRows } from '../ui/states';

const order: readonly TaskState[] = ['missed', 'overdue', 'due', 'late', 'done', 'impaired', 'planned'];

/** The calendar for a day, past or future: every task whose period has that day, as it stands by now. */
export function CalendarScreen() {
  const { text, locale, say } = useLanguage();
  const { query } = useStore(place);
  const sites = useResource(sources.roundSites);
  const site = sites.data?.value.find((each) => String(each.id) === query.get('site')) ?? sites.data?.value[0];
  const today = dayIn(now(), sources.zoneOf(site?.id ?? null));
  const day = /^\d{4}-\d{2}-\d{2}$/.test(query.get('on') ?? '') ? query.get('on')! : today;
  const shown = query.get('state');
  const tasks = useResource(site === undefined ? null : sources.upkeep(site.id, day, day, today));
  const go = (change: Readonly<Record<string, string | null>>): void => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    navigate(`/upkeep?${next.toString()}`, 'replace');
  };

  return (
    <Pane name="upkeep" title={text.upkeepCalendar.title} under={site !== undefined && <span class="minor">{say(site.name)}</span>} backTo="/round">
      <div class="day-picker">
        <button type="button" class="icon-button" aria-label={text.upkeepCalendar.previous} onClick={() => go({ on: dayAfter(day, -1) })}>
          <Icon name="left" />
        </button>
        <label class="field">
          <span class="sr-only">{text.upkeepCalendar.day}</span>
          <input type="date" value={day} onChange={(event) => event.currentTarget.value !== '' && go({ on: event.currentTarget.value })} />
        </label>
        <button type="button" class="icon-button" aria-label={text.upkeepCalendar.following} onClick={() => go({ on: dayAfter(day, 1) })}>
          <Icon name="right" />
        </button>
        {day !== today && (
          <button type="button" class="button" onClick={() => go({ on: null })}>
            {text.upkeepCalendar.today}
          </button>
        )}
      </div>
      <Listing of={tasks} loading={text.upkeepCalendar.loading} skeleton={<SkeletonRows count={6} />} isEmpty={(data) => data.length === 0} empty={<Empty>{text.upkeepCalendar.empty}</Empty>}>
        {(data) => {
          const states = order.filter((each) => data.some((task) => task.state === each));
          const chosen = states.find((each) => each === shown) ?? null;
          return (
            <>
              <fieldset class="segmented wraps">
                <legend class="sr-only">{text.upkeepCalendar.filter}</legend>
                {[null, ...states].map((each) => (
                  <label key={each} class={each === chosen ? 'is-chosen' : ''}>
                    <input type="radio" name="state" checked={each === chosen} onChange={() => go({ state: each })} />
                    <span>
                      {each === null ? text.upkeepCalendar.all : text.upkeepCalendar.state[each]} <span class="count">{each === null ? data.length : data.filter((task) => task.state === each).length}</span>
                    </span>
                  </label>
                ))}
              </fieldset>
              {plans(data.filter((task) => chosen === null || task.state === chosen)).map(([plan, there]) => (
                <Section key={plan} title={say(there[0]!.name)} aside={there.length}>
                  <ul class="rows">
                    {there.map((task) => (
                      <li key={task.equipment_id} class="task-row compact">
                        <Link href={task.check_id === null ? `/equipment/${task.equipment_id}` : `/checks/${task.check_id}`} class="row-link">
                          {say(task.equipment_name)} <span class="code">{task.equipment}</span>
                        </Link>
                        <span class={`task-state ${task.state}`}>
                          {text.upkeepCalendar.state[task.state]}
                          {task.passed === false && ` · ${text.upkeepCalendar.failed}`}
                        </span>
                        <span class="minor">{text.upkeepCalendar.period(dayWord(task.first, locale), dayWord(task.last, locale))}</span>
                        {task.waived_for !== null && <span class="minor">{text.upkeepCalendar.waived(task.waived_for)}</span>}
                      </li>
                    ))}
                  </ul>
                </Section>
              ))}
            </>
          );
        }}
      </Listing>
    </Pane>
  );
}

/** By plan; within one the worst first. */
function plans(tasks: readonly Task[]): [string, Task[]][] {
  const found = new Map<string, Task[]>();
  for (const task of tasks) found.set(task.plan, [...(found.get(task.plan) ?? []), task]);
  for (const there of found.values()) there.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.equipment.localeCompare(b.equipment, undefined, { numeric: true }));
  return [...found].sort(([, a], [, b]) => order.indexOf(a[0]!.state) - order.indexOf(b[0]!.state));
}
