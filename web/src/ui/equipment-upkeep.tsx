import { now } from '../clock';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { navigate } from '../route';
import type { Equipment, Task } from '../shapes';
import * as sources from '../sources';
import { clock, dayAfter, dayIn, dayWord } from '../time';
import { Link } from './link';
import { Section } from './pane';
import { PassedWord } from './verdicts';

const SHOWN = 5;
const AHEAD_DAYS = 92;

/** The forms of a piece of equipment; of some kinds there are none. */
export function StartCheck({ equipment }: { readonly equipment: Equipment }) {
  const { text, say } = useLanguage();
  const forms = useResource(sources.checkForms);
  const own = (forms.data?.value ?? []).filter((form) => form.kinds.includes(equipment.kind));
  if (own.length === 0) return null;
  const open = (code: string): void => navigate(`/equipment/${equipment.id}/check/${code}`);
  if (own.length === 1) {
    return (
      <button type="button" class="button large primary" onClick={() => open(own[0]!.code)}>
        {say(own[0]!.name)}
      </button>
    );
  }
  return (
    <label class="start-check">
      <span class="sr-only">{text.check.start}</span>
      <select class="button large primary" value="" onChange={(event) => open(event.currentTarget.value)}>
        <option value="" disabled>
          {text.check.start}…
        </option>
        {own.map((form) => (
          <option key={form.code} value={form.code}>
            {say(form.name)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What has to be done next at a piece of equipment, and what was checked last. */
export function EquipmentUpkeep({ equipment }: { readonly equipment: Equipment }) {
  const { text, locale, say } = useLanguage();
  const zone = sources.zoneOf(equipment.site_id);
  const today = dayIn(now(), zone);
  const checks = useResource(sources.equipmentChecks(equipment.id));
  const tasks = useResource(sources.equipmentUpkeep(equipment.site_id, equipment.id, today, dayAfter(today, AHEAD_DAYS)));
  const forms = useResource(sources.checkForms);
  // An elevator's weekly test is posted by its contractor: there is no form of it here.
  const known = new Set((forms.data?.value ?? []).map((form) => form.code));
  const next = nextOf(tasks.data ?? []);
  const last = checks.data ?? [];
  if (next.length === 0 && last.length === 0) return null;
  return (
    <>
      {next.length > 0 && (
        <Section title={text.check.next}>
          <ul class="rows">
            {next.map((task) => (
              <li key={task.plan} class="task-row">
                {known.has(task.form) ? (
                  <Link href={`/equipment/${equipment.id}/check/${task.form}`} class="row-link">
                    {say(task.name)}
                  </Link>
                ) : (
                  <strong>{say(task.name)}</strong>
                )}
                <span class={task.state === 'overdue' ? 'task-when late' : 'task-when minor'}>
                  {task.state === 'overdue' ? text.round.late(dayWord(task.last, locale)) : text.upkeepCalendar.period(dayWord(task.first, locale), dayWord(task.last, locale))}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {last.length > 0 && (
        <Section title={text.check.list}>
          <ul class="rows">
            {last.slice(0, SHOWN).map((check) => (
              <li key={check.id} class="task-row compact">
                <Link href={`/checks/${check.id}`} class="row-link">
                  {say(check.form_name)}
                </Link>
                <PassedWord passed={check.passed} />
                <span class="minor">
                  {clock(Date.parse(check.performed_at), now(), locale, zone)} · {check.signatures.map((each) => each.name).join(text.comma)}
                  {check.late_entry && ` · ${text.check.lateEntry}`}
                  {check.corrected_by !== null && ` · ${text.check.correctedBy(check.corrected_by)}`}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

/** When a piece has to be serviced and scrapped, by the dated rules; what is over stands out. */
export function ServiceDates({ equipment }: { readonly equipment: Equipment }) {
  const { text, locale, say } = useLanguage();
  const dates = useResource(sources.serviceDates(equipment.site_id, equipment.id)).data ?? [];
  const today = dayIn(now(), sources.zoneOf(equipment.site_id));
  if (dates.length === 0) return null;
  return (
    <Section title={text.check.serviceDates}>
      <ul class="rows">
        {dates.map((each) => (
          <li key={each.step} class="task-row compact">
            <strong>{say(each.name)}</strong>
            <span class={each.on < today ? 'task-state overdue' : 'task-state'}>{each.on < today ? text.check.wasDue(dayWord(each.on, locale)) : dayWord(each.on, locale)}</span>
            <span class="minor">
              {text.source(each.standard)} {text.source(each.clause)} <abbr title={text.gradeLong[each.grade]}>({each.grade})</abbr>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The first task of each plan that is still to be done. */
function nextOf(tasks: readonly Task[]): Task[] {
  const found = new Map<string, Task>();
  for (const task of tasks) if (['planned', 'due', 'overdue'].includes(task.state) && !found.has(task.plan)) found.set(task.plan, task);
  return [...found.values()];
}
