import { useState } from 'preact/hooks';
import { api } from '../api';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { may, session } from '../session';
import type { Duty, Gap, Site, Swap } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { clock, dayIn, dayWord, weekdayOf, weekdayWord } from '../time';
import { DutyPlan, PlanSheet } from '../ui/duty-plan';
import { Pane, Section } from '../ui/pane';
import { Sheet, SheetActions } from '../ui/sheet';
import { Empty, Listing, SkeletonRows } from '../ui/states';
import { word } from '../text';

const GAPS_SHOWN = 3;
const HOUR_MS = 3_600_000;
const FORTNIGHT_MS = 14 * 24 * HOUR_MS;

type Settle = (work: Promise<unknown>) => Promise<boolean>;

/** Who is on duty now and in the next two weeks, where nobody is, and shifts that change hands. */
export function DutyScreen() {
  const { text, locale } = useLanguage();
  const state = useStore(session);
  const sites = useResource(sources.sites).data ?? [];
  const ahead = useResource(sources.dutyAhead);
  const gaps = useResource(sources.dutyGaps).data ?? [];
  const works = may(state, 'write:alarms');
  const swaps = useResource(works ? sources.swaps : null).data ?? [];
  const now = useNow();
  const [giving, setGiving] = useState<Duty | null>(null);
  const [planning, setPlanning] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const me = state.phase === 'in' ? state.person.id : null;
  const manages = may(state, 'write:duty');

  const settle: Settle = async (work) => {
    setSending(true);
    setFailure(null);
    try {
      await work;
      return true;
    } catch (error) {
      setFailure(failureOf(error));
      return false;
    } finally {
      for (const name of ['duty', 'duty/ahead', 'duty/gaps', 'duty/swaps', 'duty/rotas', 'duty/holidays']) touch(name);
      setSending(false);
    }
  };

  const plan = manages && sites.length > 0 && (
    <button type="button" class="button large primary" onClick={() => setPlanning(true)}>
      {text.rota.add}
    </button>
  );
  const saved = (work: Promise<unknown>): void => void settle(work).then((done) => done && setPlanning(false));
  return (
    <Pane name="duty" title={text.shifts.title} under={<span class="minor">{text.shifts.what}</span>} backTo="/me" action={plan}>
      {failure !== null && giving === null && !planning && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      {swaps.length > 0 && (
        <Section title={text.shifts.requests} aside={swaps.length}>
          <ul class="rows">
            {swaps.map((swap) => (
              <Request key={swap.id} swap={swap} me={me} sites={sites} sending={sending} settle={settle} />
            ))}
          </ul>
        </Section>
      )}
      <Listing of={ahead} loading={text.states.loading} skeleton={<SkeletonRows count={3} />}>
        {(shifts) => {
          const standing = shifts.filter((shift) => Date.parse(shift.starts_at) <= now);
          const later = shifts.filter((shift) => Date.parse(shift.starts_at) > now);
          const bare = sites.filter((site) => !standing.some((shift) => shift.site_id === site.id));
          const row = (shift: Duty) => (
            <Shift
              key={shift.id}
              shift={shift}
              sites={sites}
              now={now}
              me={me}
              {...(manages || (works && shift.person.id === me && !swaps.some((swap) => swap.shift.id === shift.id)) ? { give: () => setGiving(shift), giveWord: manages ? text.shifts.give : text.shifts.ask } : {})}
            />
          );
          return (
            <>
              <Section title={text.shifts.now}>
                {bare.map((site) => (
                  <p key={site.id} class="note strong">
                    {sites.length === 1 ? text.shifts.nobody : <NobodyAt site={site} />}
                  </p>
                ))}
                <ul class="rows">{standing.map(row)}</ul>
              </Section>
              <Gaps gaps={gaps} sites={sites} now={now} />
              <Section title={text.shifts.ahead} {...(later.length > 0 ? { aside: later.length } : {})}>
                {later.length === 0 ? <Empty>{text.shifts.aheadNone}</Empty> : byDay(later).map(([day, members]) => (
                  <div key={day}>
                    <h3 class="duty-day">{`${dayWord(day, locale)} · ${weekdayWord(weekdayOf(day), locale)}`}</h3>
                    <ul class="rows">{members.map(row)}</ul>
                  </div>
                ))}
              </Section>
            </>
          );
        }}
      </Listing>
      {manages && <DutyPlan sites={sites} sending={sending} failure={failure} forget={() => setFailure(null)} settle={settle} />}
      {planning && (
        <PlanSheet
          sites={sites}
          sending={sending}
          failure={failure}
          close={() => {
            setPlanning(false);
            setFailure(null);
          }}
          addShift={(shift) => saved(api.addShift(shift))}
          addRota={(rota) => saved(api.addRota(rota))}
        />
      )}
      {giving !== null && (
        <GiveSheet
          shift={giving}
          asks={!manages}
          sending={sending}
          failure={failure}
          close={() => {
            setGiving(null);
            setFailure(null);
          }}
          settle={settle}
        />
      )}
    </Pane>
  );
}

/** By the day on which they begin, at their site. */
function byDay(shifts: readonly Duty[]): [string, Duty[]][] {
  const days = new Map<string, Duty[]>();
  for (const shift of shifts) {
    const day = dayIn(Date.parse(shift.starts_at), sources.zoneOf(shift.site_id));
    days.set(day, [...(days.get(day) ?? []), shift]);
  }
  return [...days];
}

function NobodyAt({ site }: { readonly site: Site }) {
  const { text, say } = useLanguage();
  return <>{text.shifts.nobodyAt(say(site.name))}</>;
}

/** "20:00 – Mar 3 08:00", by the clock on the wall of the site. */
function useSpan(): (shift: Pick<Duty, 'site_id' | 'starts_at' | 'ends_at'>, now: number) => string {
  const { text, locale } = useLanguage();
  return (shift, now) => {
    const zone = sources.zoneOf(shift.site_id);
    const starts = Date.parse(shift.starts_at);
    const ends = shift.ends_at === null ? text.shifts.openEnd : clock(Date.parse(shift.ends_at), now, locale, zone);
    if (starts <= now) return shift.ends_at === null ? text.shifts.openEnd : text.shifts.until(ends);
    return text.shifts.span(clock(starts, now, locale, zone), ends);
  };
}

interface ShiftProps {
  readonly shift: Duty;
  readonly sites: readonly Site[];
  readonly now: number;
  readonly me: number | null;
  readonly give?: () => void;
  readonly giveWord?: string;
}

function Shift({ shift, sites, now, me, give, giveWord }: ShiftProps) {
  const { text, say } = useLanguage();
  const span = useSpan();
  const site = sites.length > 1 ? sites.find((each) => each.id === shift.site_id) : undefined;
  const facts = [
    word(text.shifts.position, shift.position) ?? shift.position,
    ...(site === undefined ? [] : [say(site.name)]),
    ...(shift.instead_of === null ? [] : [text.shifts.insteadOf]),
  ];
  return (
    <li class="report-row shift-row">
      <div>
        <strong>
          {shift.person.name}
          {shift.person.id === me && <span class="tag">{text.shifts.you}</span>}
        </strong>
        <p>{span(shift, now)}</p>
        <p class="minor">{facts.join(' · ')}</p>
      </div>
      {give !== undefined && (
        <button type="button" class="button" onClick={give}>
          {giveWord}
        </button>
      )}
    </li>
  );
}

interface RequestProps {
  readonly swap: Swap;
  readonly me: number | null;
  readonly sites: readonly Site[];
  readonly sending: boolean;
  readonly settle: Settle;
}

function Request({ swap, me, sites, sending, settle }: RequestProps) {
  const { text, say } = useLanguage();
  const now = useNow();
  const span = useSpan();
  const { asked_by, person, shift } = swap;
  const site = sites.find((each) => each.id === shift.site_id);
  const answer = (how: 'accept' | 'decline' | 'withdraw') => () => void settle(api.answerSwap(swap.id, how));
  return (
    <li class="report-row">
      <strong>{person.id === me ? text.shifts.asksYou(asked_by.name) : asked_by.id === me ? text.shifts.youAsked(person.name) : text.shifts.asked(asked_by.name, person.name)}</strong>
      <p>{span(shift, now)}</p>
      {site !== undefined && <p class="minor">{say(site.name)}</p>}
      {person.id === me && (
        <div class="actions">
          <button type="button" class="button" disabled={sending} onClick={answer('decline')}>
            {text.shifts.decline}
          </button>
          <button type="button" class="button primary" disabled={sending} onClick={answer('accept')}>
            {text.shifts.accept}
          </button>
        </div>
      )}
      {asked_by.id === me && (
        <div class="actions">
          <button type="button" class="button" disabled={sending} onClick={answer('withdraw')}>
            {text.shifts.withdraw}
          </button>
        </div>
      )}
    </li>
  );
}

/** When nobody would come: the nearest stretches. */
function Gaps({ gaps, sites, now }: { readonly gaps: readonly Gap[]; readonly sites: readonly Site[]; readonly now: number }) {
  const { text, say } = useLanguage();
  const span = useSpan();
  if (gaps.length === 0) return null;
  const sorted = [...gaps].sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  return (
    <Section title={text.shifts.gaps} aside={gaps.length}>
      <ul class="rows">
        {sorted.slice(0, GAPS_SHOWN).map((gap) => (
          <li key={`${gap.site_id} ${gap.starts_at}`} class={`note${gap.why === 'one_channel' ? '' : ' strong'}`}>
            {isThroughout(gap, now) ? text.shifts.ahead : span(gap, now)}
            {text.colon}
            {word(text.shifts.gap, gap.why) ?? gap.why}
            {sites.length > 1 && <span class="minor"> · {say(sites.find((each) => each.id === gap.site_id)?.name ?? '')}</span>}
          </li>
        ))}
      </ul>
      {gaps.length > GAPS_SHOWN && <p class="minor">{text.shifts.more(gaps.length - GAPS_SHOWN)}</p>}
    </Section>
  );
}

// What is asked for ends after two weeks: a stretch to its end says nothing of an end.
const isThroughout = (gap: Gap, now: number): boolean => Date.parse(gap.starts_at) <= now && Date.parse(gap.ends_at) - now > FORTNIGHT_MS - HOUR_MS;

interface GiveProps {
  readonly shift: Duty;
  /** Whether the colleague is asked, or gets it at once. */
  readonly asks: boolean;
  readonly sending: boolean;
  readonly failure: Failure | null;
  readonly close: () => void;
  readonly settle: Settle;
}

function GiveSheet({ shift, asks, sending, failure, close, settle }: GiveProps) {
  const { text } = useLanguage();
  const now = useNow();
  const span = useSpan();
  const people = useResource(sources.standIns(shift.id));
  const [chosen, setChosen] = useState<number | null>(null);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (chosen === null || sending) return;
    if (await settle(asks ? api.askSwap(shift.id, chosen) : api.giveShift(shift.id, chosen))) close();
  };
  return (
    <Sheet title={asks ? text.shifts.askTitle : text.shifts.giveTitle} close={close}>
      <form onSubmit={(event) => void send(event)} noValidate>
        <p>
          {shift.person.name} · {span(shift, now)}
        </p>
        <Listing of={people} loading={text.states.loading} skeleton={<SkeletonRows count={2} />} isEmpty={(data) => data.length === 0} empty={<p class="minor">{text.shifts.noOne}</p>}>
          {(data) => (
            <fieldset class="choices">
              <legend class="sr-only">{text.shifts.askTitle}</legend>
              {data.map((each) => (
                <label key={each.id} class="check">
                  <input type="radio" name="stand-in" checked={chosen === each.id} onChange={() => setChosen(each.id)} />
                  <span>
                    {each.name}
                    {each.busy && <span class="minor"> · {text.shifts.busy}</span>}
                  </span>
                </label>
              ))}
            </fieldset>
          )}
        </Listing>
        <p class="minor">{asks ? text.shifts.toYou : text.shifts.giveNow}</p>
        {failure !== null && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <SheetActions action={sending ? text.ticket.sending : asks ? text.shifts.send : text.shifts.giveDo} close={close} disabled={sending || chosen === null} />
      </form>
    </Sheet>
  );
}
