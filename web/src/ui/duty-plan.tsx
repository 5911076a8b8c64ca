import { useState } from 'preact/hooks';
import { api } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import { explain, type Failure } from '../problem';
import { useResource } from '../resource';
import type { Locale, NewRota, NewShift, OnHolidays, Rota, Site } from '../shapes';
import * as sources from '../sources';
import { word } from '../text';
import { dayAfter, dayIn, dayWord, momentOf, wallMinute, weekdayWord } from '../time';
import { Section } from './pane';
import { Segmented } from './segmented';
import { Sheet, SheetActions } from './sheet';

const WEEK = [1, 2, 3, 4, 5, 6, 7] as const;
const POSITIONS = ['engineer', 'supervisor', 'manager'] as const;
const ON_HOLIDAYS: readonly OnHolidays[] = ['as_usual', 'off', 'only'];

interface PlanProps {
  readonly sites: readonly Site[];
  readonly sending: boolean;
  readonly failure: Failure | null;
  /** What the last form was refused for is over. */
  readonly forget: () => void;
  readonly settle: (work: Promise<unknown>) => Promise<boolean>;
}

/** The weekly rotas and the holidays that they go by, and the ways to change them. */
export function DutyPlan({ sites, sending, failure, forget, settle }: PlanProps) {
  const { text, locale, say } = useLanguage();
  const rotas = useResource(sources.rotas).data ?? [];
  const holidays = useResource(sources.holidays).data ?? [];
  const people = useResource(sources.people).data ?? [];
  const [ending, setEnding] = useState<Rota | null>(null);
  const [adding, setAdding] = useState(false);
  const today = dayIn(now(), sources.zoneOf(null));
  const ahead = holidays.filter((each) => each.day >= today);
  const close = (): void => {
    setEnding(null);
    setAdding(false);
    forget();
  };
  return (
    <>
      <Section title={text.rota.title} {...(rotas.length > 0 ? { aside: rotas.length } : {})}>
        <p class="minor">{text.rota.what}</p>
        {rotas.length === 0 && <p>{text.rota.none}</p>}
        <ul class="rows">
          {rotas.map((rota) => (
            <li key={rota.id} class="report-row shift-row">
              <div>
                <strong>{people.find((each) => each.id === rota.person_id)?.name ?? `#${rota.person_id}`}</strong>
                <p>{`${patternWords(rota, locale)} · ${rota.starts.slice(0, 5)} – ${rota.ends.slice(0, 5)}`}</p>
                <p class="minor">
                  {[
                    word(text.shifts.position, rota.position) ?? rota.position,
                    ...(sites.length > 1 ? [say(sites.find((each) => each.id === rota.site_id)?.name ?? '')] : []),
                    text.rota.every(rota.every_weeks),
                    ...(rota.first_day > today ? [text.rota.since(dayWord(rota.first_day, locale))] : []),
                    ...(rota.last_day === null ? [] : [text.rota.until(dayWord(rota.last_day, locale))]),
                    ...(rota.holidays === 'as_usual' ? [] : [`${text.rota.onHolidays}${text.colon}${text.rota.holidays[rota.holidays]}`]),
                  ].join(' · ')}
                </p>
              </div>
              <button type="button" class="button" onClick={() => setEnding(rota)}>
                {text.rota.end}
              </button>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={text.rota.holidayTitle}>
        {ahead.length === 0 && <p class="minor">{text.rota.holidayNone}</p>}
        <ul class="rows">
          {ahead.map((each) => (
            <li key={each.day} class="report-row">
              {dayWord(each.day, locale)} · {say(each.name)}
            </li>
          ))}
        </ul>
        <button type="button" class="button" onClick={() => setAdding(true)}>
          {text.rota.holidayAdd}
        </button>
      </Section>
      {ending !== null && (
        <Sheet title={text.rota.endTitle} close={close}>
          <form onSubmit={(event) => (event.preventDefault(), void settle(api.endRota(ending)).then((done) => done && close()))}>
            <p>{text.rota.endWhat}</p>
            <Refusal failure={failure} />
            <SheetActions action={text.rota.end} close={close} disabled={sending} />
          </form>
        </Sheet>
      )}
      {adding && <HolidaySheet first={today} sending={sending} failure={failure} close={close} save={(holiday) => void settle(addHoliday(holiday, rotas)).then((done) => done && close())} />}
    </>
  );
}

/** The shifts that stand already do not move by themselves. */
async function addHoliday(holiday: Parameters<typeof api.addHoliday>[0], rotas: readonly Rota[]): Promise<void> {
  await api.addHoliday(holiday);
  for (const rota of rotas) if (rota.holidays !== 'as_usual') await api.planRota(rota.id);
}

function patternWords(rota: Pick<NewRota, 'weekdays'>, locale: Locale): string {
  return [...rota.weekdays].sort().map((day) => weekdayWord(day, locale)).join(locale === 'en' ? ', ' : '、');
}

function Refusal({ failure }: { readonly failure: Failure | null }) {
  const { text } = useLanguage();
  if (failure === null) return null;
  return (
    <p class="fault" role="alert">
      {explain(failure, text)}
    </p>
  );
}

interface HolidayProps {
  readonly first: string;
  readonly sending: boolean;
  readonly failure: Failure | null;
  readonly close: () => void;
  readonly save: (holiday: { readonly day: string; readonly name: { 'zh-CN': string; en: string } }) => void;
}

function HolidaySheet({ first, sending, failure, close, save }: HolidayProps) {
  const { text } = useLanguage();
  const [day, setDay] = useState('');
  const [chinese, setChinese] = useState('');
  const [english, setEnglish] = useState('');
  const ready = day !== '' && chinese.trim() !== '' && english.trim() !== '';
  return (
    <Sheet title={text.rota.holidayAdd} close={close}>
      <form onSubmit={(event) => (event.preventDefault(), ready && !sending && save({ day, name: { 'zh-CN': chinese.trim(), en: english.trim() } }))}>
        <p class="minor">{text.rota.holidayWhat}</p>
        <label class="field">
          <span>{text.rota.day}</span>
          <input type="date" min={first} value={day} onInput={(event) => setDay(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{text.rota.holidayName}</span>
          <input type="text" lang="zh-CN" value={chinese} onInput={(event) => setChinese(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{text.rota.holidayNameEn}</span>
          <input type="text" lang="en" value={english} onInput={(event) => setEnglish(event.currentTarget.value)} />
        </label>
        <Refusal failure={failure} />
        <SheetActions action={text.rota.holidaySave} close={close} disabled={sending || !ready} />
      </form>
    </Sheet>
  );
}

interface PlanSheetProps {
  readonly sites: readonly Site[];
  readonly sending: boolean;
  readonly failure: Failure | null;
  readonly close: () => void;
  readonly addShift: (shift: NewShift) => void;
  readonly addRota: (rota: NewRota) => void;
}

/** One shift, or the same one every week. */
export function PlanSheet({ sites, sending, failure, close, addShift, addRota }: PlanSheetProps) {
  const { text, locale, say } = useLanguage();
  const people = useResource(sources.people).data ?? [];
  const [siteId, setSite] = useState(sites[0]?.id ?? 0);
  const zone = sources.zoneOf(siteId);
  const [person, setPerson] = useState('');
  const [position, setPosition] = useState<(typeof POSITIONS)[number]>('engineer');
  const [repeat, setRepeat] = useState<'once' | 'weekly'>('weekly');
  const [day, setDay] = useState(() => wallMinute(now(), zone).slice(0, 10));
  const [starts, setStarts] = useState('08:00');
  const [ends, setEnds] = useState('20:00');
  const [lastDay, setLastDay] = useState('');
  const [weekdays, setWeekdays] = useState<readonly number[]>([1, 2, 3, 4, 5]);
  const [weeks, setWeeks] = useState('1');
  const [holidays, setHolidays] = useState<OnHolidays>('as_usual');
  const overNight = ends <= starts;
  const ready = siteId > 0 && person !== '' && day !== '' && starts !== '' && ends !== '' && (repeat === 'once' || weekdays.length > 0);
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!ready || sending) return;
    const whose = { site_id: siteId, person_id: Number(person), position };
    if (repeat === 'weekly') {
      addRota({ ...whose, weekdays, starts, ends, every_weeks: Number(weeks), first_day: day, last_day: lastDay === '' ? null : lastDay, holidays });
    } else {
      const at = (day: string, time: string): string => new Date(momentOf(`${day}T${time}`, zone)).toISOString();
      addShift({ ...whose, starts_at: at(day, starts), ends_at: at(overNight ? dayAfter(day, 1) : day, ends) });
    }
  };
  return (
    <Sheet title={text.rota.add} close={close}>
      <form onSubmit={send} noValidate>
        {sites.length > 1 && (
          <label class="field">
            <span>{text.rota.site}</span>
            <select value={siteId} onChange={(event) => setSite(Number(event.currentTarget.value))}>
              {sites.map((each) => (
                <option key={each.id} value={each.id}>
                  {say(each.name)}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="field">
          <span>{text.rota.person}</span>
          <select value={person} onChange={(event) => setPerson(event.currentTarget.value)}>
            <option value="">{text.rota.choose}</option>
            {people.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <Segmented label={text.rota.position} name="position" value={position} options={POSITIONS.map((value) => ({ value, label: text.shifts.position[value] ?? value }))} choose={setPosition} />
        <Segmented label={text.rota.repeat} name="repeat" value={repeat} options={(['weekly', 'once'] as const).map((value) => ({ value, label: text.rota[value] }))} choose={setRepeat} />
        {repeat === 'weekly' && (
          <fieldset class="weekdays">
            <legend class="minor">{text.rota.weekdays}</legend>
            {WEEK.map((each) => (
              <label key={each}>
                <input
                  type="checkbox"
                  checked={weekdays.includes(each)}
                  onChange={(event) => setWeekdays(event.currentTarget.checked ? [...weekdays, each] : weekdays.filter((one) => one !== each))}
                />
                <span>{weekdayWord(each, locale)}</span>
              </label>
            ))}
          </fieldset>
        )}
        <div class="shift-times">
          <label class="field">
            <span>{text.rota.starts}</span>
            <input type="time" value={starts} onInput={(event) => setStarts(event.currentTarget.value)} />
          </label>
          <label class="field">
            <span>{text.rota.ends}</span>
            <input type="time" value={ends} onInput={(event) => setEnds(event.currentTarget.value)} />
          </label>
        </div>
        {overNight && <p class="minor">{text.rota.nextDay}</p>}
        <label class="field">
          <span>{repeat === 'once' ? text.rota.day : text.rota.firstDay}</span>
          <input type="date" value={day} onInput={(event) => setDay(event.currentTarget.value)} />
        </label>
        {repeat === 'weekly' && (
          <>
            <label class="field">
              <span>{text.rota.lastDay}</span>
              <input type="date" min={day} value={lastDay} onInput={(event) => setLastDay(event.currentTarget.value)} />
            </label>
            <label class="field">
              <span>{text.rota.everyWeeks}</span>
              <input type="number" min="1" max="52" value={weeks} onInput={(event) => setWeeks(event.currentTarget.value)} />
            </label>
            <p class="minor">{text.rota.onHolidays}</p>
            <Segmented label={text.rota.onHolidays} name="holidays" value={holidays} options={ON_HOLIDAYS.map((value) => ({ value, label: text.rota.holidays[value] }))} choose={setHolidays} />
          </>
        )}
        <Refusal failure={failure} />
        <SheetActions action={text.rota.save} close={close} disabled={sending || !ready} />
      </form>
    </Sheet>
  );
}
