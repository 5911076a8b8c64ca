import { useState } from 'preact/hooks';
import { api } from '../api';
import { now } from '../clock';
import { useLanguage, type Language } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { may, session } from '../session';
import type { NewWindow, ServiceWindow, Space } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { clock, momentOf, shortDuration, wallMinute } from '../time';
import { NoteSheet, type SheetProps } from '../ui/note-sheet';
import { Pane, Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Empty, Listing, SkeletonRows } from '../ui/states';

const HOUR = 3_600_000;
const states = ['open', 'scheduled', 'ended'] as const;

/** Maintenance and tests: what is under way and ahead, and the way to schedule more. */
export function WindowsScreen() {
  const { text } = useLanguage();
  const windows = useResource(sources.windows);
  const allowed = may(useStore(session), 'write:alarms');
  const [adding, setAdding] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const settle = async (work: Promise<unknown>): Promise<void> => {
    setSending(true);
    setFailure(null);
    try {
      await work;
      for (const name of ['windows', 'alarms']) touch(name);
      setAdding(false);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  };
  const add = allowed && (
    <button type="button" class="button large primary" onClick={() => setAdding(true)}>
      {text.windows.add}
    </button>
  );
  return (
    <Pane name="windows" title={text.windows.title} under={<span class="minor">{text.windows.what}</span>} backTo="/me" action={add}>
      {failure !== null && !adding && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      <Listing of={windows} loading={text.states.loading} skeleton={<SkeletonRows count={3} />} isEmpty={(data) => data.length === 0} empty={<Empty>{text.windows.none}</Empty>}>
        {(data) =>
          states
            .map((state) => ({ state, members: data.filter((each) => each.state === state) }))
            .filter(({ members }) => members.length > 0)
            .map(({ state, members }) => (
              <Section key={state} title={text.windows.state[state]} aside={members.length}>
                <ul class="rows">
                  {members.map((each) => (
                    <Row key={each.id} window={each} allowed={allowed} sending={sending} settle={(work) => void settle(work)} />
                  ))}
                </ul>
              </Section>
            ))
        }
      </Listing>
      {adding && (
        <AddSheet
          sending={sending}
          failure={failure}
          close={() => {
            setAdding(false);
            setFailure(null);
          }}
          schedule={(window) => void settle(api.addWindow(window))}
        />
      )}
    </Pane>
  );
}

interface RowProps {
  readonly window: ServiceWindow;
  readonly allowed: boolean;
  readonly sending: boolean;
  readonly settle: (work: Promise<unknown>) => void;
}

function Row({ window, allowed, sending, settle }: RowProps) {
  const { text, locale } = useLanguage();
  const where = useWhere(window);
  const state = useStore(session);
  const mine = state.phase === 'in' && window.author.id === state.person.id;
  const zone = sources.zoneOf(window.site_id);
  const at = (moment: string): string => clock(Date.parse(moment), now(), locale, zone);
  const unconfirmed = window.life_safety && window.confirmed_by === null && window.state !== 'ended';
  return (
    <li class="report-row">
      <strong>{`${text.windows.purposes[window.purpose]} · ${where}`}</strong>
      <p>{text.windows.from(at(window.starts_at), at(window.ends_at))}</p>
      <p class="minor">
        {`${window.reason} · ${text.windows.by(window.author.name)}`}
        {window.quiet_alarms > 0 && ` · ${text.windows.quiet(window.quiet_alarms)}`}
      </p>
      {unconfirmed && <p class="note">{text.windows.unconfirmed}</p>}
      {allowed && window.state !== 'ended' && (
        <div class="actions">
          {unconfirmed && !mine && (
            <button type="button" class="button primary" disabled={sending} onClick={() => settle(api.confirmWindow(window))}>
              {text.windows.confirm}
            </button>
          )}
          {window.state === 'open' ? (
            <button type="button" class="button" disabled={sending} onClick={() => settle(api.endWindow(window, new Date(now()).toISOString()))}>
              {text.windows.end}
            </button>
          ) : (
            <button type="button" class="button" disabled={sending} onClick={() => settle(api.cancelWindow(window))}>
              {text.windows.cancel}
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/** What a window reaches, in words. */
function useWhere(window: ServiceWindow): string {
  const { say } = useLanguage();
  const sites = useResource(sources.sites).data;
  const spaces = useResource(sources.spaces).data;
  const kinds = useResource(sources.kinds).data;
  const equipment = useResource(sources.equipmentList).data;
  const parts = [
    sites?.find((each) => each.id === window.site_id)?.name,
    spaces?.find((each) => each.id === window.space_id)?.name,
    kinds?.find((each) => each.code === window.equipment_kind)?.name,
    equipment?.find((each) => each.id === window.equipment_id)?.name,
  ];
  return parts.flatMap((name) => (name === undefined ? [] : [say(name)])).join(' / ');
}

type AddProps = Omit<SheetProps, 'submit'> & { readonly schedule: (window: NewWindow) => void };

function AddSheet({ schedule, ...props }: AddProps) {
  const { text, say } = useLanguage();
  const sites = useResource(sources.sites).data ?? [];
  const spaces = useResource(sources.spaces).data ?? [];
  const kinds = useResource(sources.kinds).data ?? [];
  const equipment = useResource(sources.equipmentList).data ?? [];
  const [purpose, setPurpose] = useState<'maintenance' | 'test'>('maintenance');
  const [chosenSite, setSite] = useState<number | null>(null);
  const [space, setSpace] = useState('');
  const [kind, setKind] = useState('');
  const [machine, setMachine] = useState('');
  const [entered, setStarts] = useState<string | null>(null);
  const [hours, setHours] = useState('2');
  const [safety, setSafety] = useState(false);
  const [substitute, setSubstitute] = useState('');
  const siteId = chosenSite ?? sites[0]?.id;
  const there = equipment.filter((each) => each.site_id === siteId);
  const known = new Set(there.map((each) => each.kind));
  const zone = sources.zoneOf(siteId ?? null);
  const starts = entered ?? wallMinute(now(), zone);
  const from = momentOf(starts, zone);
  const ready = siteId !== undefined && Number.isFinite(from) && (!safety || substitute.trim() !== '');
  const submit = (reason: string): void =>
    schedule({
      site_id: siteId!,
      space_id: space === '' ? null : Number(space),
      equipment_kind: kind === '' ? null : kind,
      equipment_id: machine === '' ? null : Number(machine),
      purpose,
      starts_at: new Date(from).toISOString(),
      ends_at: new Date(from + Number(hours) * HOUR).toISOString(),
      reason,
      life_safety: safety,
      substitute: safety ? substitute.trim() : null,
    });
  return (
    <NoteSheet {...props} title={text.windows.add} label={text.windows.reason} hint={text.windows.reasonHint} action={text.windows.save} ready={ready} submit={submit}>
      <Segmented
        label={text.windows.purpose}
        name="purpose"
        value={purpose}
        options={(['maintenance', 'test'] as const).map((value) => ({ value, label: text.windows.purposes[value] }))}
        choose={setPurpose}
      />
      {sites.length > 1 && select(text.windows.site, String(siteId ?? ''), (value) => { setSite(Number(value)); setSpace(''); setKind(''); setMachine(''); }, sites.map((each) => [String(each.id), say(each.name)]))}
      {select(text.windows.space, space, setSpace, [['', text.windows.everything], ...placesOf(spaces.filter((each) => each.site_id === siteId), say)])}
      {select(text.windows.kind, kind, (value) => { setKind(value); setMachine(''); }, [['', text.windows.everything], ...kinds.filter((each) => known.has(each.code)).map((each): [string, string] => [each.code, say(each.name)])])}
      {select(text.windows.equipment, machine, setMachine, [['', text.windows.everything], ...there.filter((each) => kind === '' || each.kind === kind).map((each): [string, string] => [String(each.id), say(each.name)])])}
      <label class="field">
        <span>{text.windows.starts}</span>
        <input type="datetime-local" value={starts} onInput={(event) => setStarts(event.currentTarget.value)} />
      </label>
      <Segmented
        label={text.windows.length}
        name="length"
        value={hours}
        options={['1', '2', '4', '8'].map((value) => ({ value, label: shortDuration(Number(value) * HOUR, text) }))}
        choose={setHours}
      />
      <label class="check">
        <input type="checkbox" checked={safety} onChange={(event) => setSafety(event.currentTarget.checked)} />
        <span>{text.windows.lifeSafety}</span>
      </label>
      {safety && (
        <label class="field">
          <span>{text.windows.substitute}</span>
          <input type="text" value={substitute} onInput={(event) => setSubstitute(event.currentTarget.value)} />
        </label>
      )}
    </NoteSheet>
  );

  function select(label: string, value: string, choose: (value: string) => void, options: readonly (readonly [string, string])[]) {
    return (
      <label class="field">
        <span>{label}</span>
        <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
          {options.map(([code, words]) => (
            <option key={code} value={code}>
              {words}
            </option>
          ))}
        </select>
      </label>
    );
  }
}

/** The spaces of a site by their ids, each with what it is in: "Building 2 › Floor 4", in the order of these words. */
function placesOf(spaces: readonly Space[], say: Language['say']): [string, string][] {
  const byId = new Map(spaces.map((each) => [each.id, each]));
  const path = (space: Space): string => {
    const above = space.parent_id === null ? undefined : byId.get(space.parent_id);
    return above === undefined ? say(space.name) : `${path(above)} › ${say(space.name)}`;
  };
  return spaces.map((each): [string, string] => [String(each.id), path(each)]).sort(([, one], [, other]) => one.localeCompare(other, undefined, { numeric: true }));
}
