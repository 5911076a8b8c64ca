import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { now } from '../clock';
import { useLanguage } from '../language';
import { draftFaults, draftOf, floorState, LATE_MS, parsed, requestOf, sameWorker, type Draft, type FloorState } from '../lift';
import type { DoorType, Elevator, LiftTest, TestForm } from '../lift-shapes';
import { explain, type Failure } from '../problem';
import { newId } from '../queue';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import { session } from '../session';
import * as sources from '../sources';
import { useStore } from '../store';
import { dropDraft, keepDraft, keptDraft, testQueue, type WaitingTest } from '../test-outbox';
import { dayIn, momentOf, wallMinute } from '../time';
import { Measure, Measures } from '../ui/lift-floor';
import { Pane, Section } from '../ui/pane';
import { FileStrip } from '../ui/file-strip';
import { PhotoStrip } from '../ui/photo-strip';
import { Segmented } from '../ui/segmented';
import { lastSigner, rememberSigner, SignatureFields } from '../ui/signature-fields';
import { Empty, SkeletonPage } from '../ui/states';

/** Where a form begins: what was typed before, and what it is a correction of. */
interface Beginning {
  readonly draft: Draft;
  readonly corrects: number | null;
  /** The time of the test that is corrected, to the millisecond. */
  readonly performedAt: string | null;
  readonly clientId: string;
  readonly refused: Failure | null;
}

/** Opens the form of an elevator's test: from what is kept on this phone, so that it works without a network. */
export function LiftTestFormScreen({ id }: { readonly id: number }) {
  const { text } = useLanguage();
  const { query } = useStore(place);
  const state = useStore(session);
  const elevators = useResource(sources.elevators);
  const form = useResource(sources.testForm);
  const elevator = elevators.data?.value.find((each) => each.id === id);
  const corrects = Number(query.get('corrects')) || null;
  const old = useResource(corrects === null ? null : sources.test(corrects));
  const lastId = elevator?.last_test?.id ?? null;
  const last = useResource(corrects !== null || lastId === null ? null : sources.test(lastId));
  const keptId = query.get('kept');
  const [stored, setStored] = useState<{ readonly draft: Draft | undefined; readonly waiting: WaitingTest | undefined } | null>(null);
  const person = state.phase === 'in' ? state.person : null;
  useEffect(() => {
    if (person === null) return;
    void Promise.all([
      corrects === null && keptId === null ? keptDraft(person.id, id).catch(() => undefined) : undefined,
      keptId === null ? undefined : testQueue.find(keptId),
    ]).then(([draft, waiting]) => setStored({ draft, waiting }));
  }, [id, corrects, keptId, person?.id]);

  const missing = (elevators.data !== undefined && elevator === undefined) || elevators.failure !== undefined || form.failure !== undefined || old.failure !== undefined;
  const settled = corrects !== null ? old.data !== undefined : lastId === null || last.data !== undefined || last.failure !== undefined;
  const ready = person !== null && elevator !== undefined && stored !== null && settled;
  // Once: what is read anew later must not take the place of what was typed.
  const beginning = useMemo(() => (ready ? begin(stored.waiting, stored.draft, old.data, last.data, person.name, sources.zoneOf(elevator.site_id)) : null), [ready, id, corrects, keptId]);
  if (elevator !== undefined && form.data !== undefined && person !== null && beginning !== null) {
    return <Filling key={beginning.clientId} elevator={elevator} form={form.data.value} personId={person.id} beginning={beginning} />;
  }
  return (
    <Pane name={`lift-test/${id}`} title={text.liftTest.formTitle} backTo="/lifts">
      {missing ? <Empty title={text.liftTest.noForm} /> : <SkeletonPage />}
    </Pane>
  );
}

function begin(waiting: WaitingTest | undefined, draft: Draft | undefined, old: LiftTest | undefined, last: LiftTest | undefined, name: string, zone: string): Beginning {
  const fresh = { corrects: null, performedAt: null, refused: null };
  if (waiting !== undefined) {
    const { body } = waiting;
    return { draft: { ...waiting.draft, photos: waiting.photos, files: waiting.files ?? [] }, corrects: body.corrects, performedAt: body.performed_at, clientId: waiting.client_id, refused: waiting.refused };
  }
  if (old !== undefined) return { ...fresh, draft: { ...draftOf(old), earlier: wallMinute(Date.parse(old.performed_at), zone) }, corrects: old.id, performedAt: old.performed_at, clientId: newId() };
  // The door of an elevator and who tests it stay the same from week to week.
  const second = last?.workers.find((each) => each.name !== name) ?? { name: '', certificate_no: '' };
  const first = last?.workers.find((each) => each.name === name) ?? lastSigner(name);
  const empty = { floors: {}, car: {}, remarks: '', earlier: null, reason: '', photos: [] };
  const door = last === undefined ? { type: null, width: '' } : draftOf(last).door;
  return { ...fresh, draft: draft ?? { ...empty, door, workers: [first, second] }, clientId: newId() };
}

interface FillingProps {
  readonly elevator: Elevator;
  readonly form: TestForm;
  readonly personId: number;
  readonly beginning: Beginning;
}

function Filling({ elevator, form, personId, beginning }: FillingProps) {
  const { text, say } = useLanguage();
  const [{ corrects, clientId }] = useState(beginning);
  const [draft, setDraft] = useState(beginning.draft);
  const labels = useMemo(() => [...(elevator.floors ?? []), ...Object.keys(draft.floors).filter((each) => elevator.floors?.includes(each) !== true)], [elevator.floors, draft.floors]);
  const [floor, setFloor] = useState(labels.find((each) => draft.floors[each] === undefined) ?? labels[0] ?? '');
  const [tried, setTried] = useState(false);
  const [saving, setSaving] = useState(false);
  const [noRoom, setNoRoom] = useState(false);
  const body = useRef<HTMLFormElement>(null);
  const keeps = corrects === null && beginning.refused === null;
  const touched = useRef(false);
  useEffect(() => {
    if (!touched.current || !keeps) return undefined;
    const timer = setTimeout(() => void keepDraft(personId, elevator.id, draft).catch(() => setNoRoom(true)), 200);
    return () => clearTimeout(timer);
  }, [draft]);

  const change = (part: Partial<Draft>): void => {
    touched.current = true;
    setDraft((before) => ({ ...before, ...part }));
  };
  const zone = sources.zoneOf(elevator.site_id);
  const at = draft.earlier === null ? now() : momentOf(draft.earlier, zone);
  const on = dayIn(Number.isNaN(at) ? now() : at, zone);
  const late = now() - at > LATE_MS;
  const rated = Number(elevator.rated_speed) || null;
  const faults = draftFaults(form, draft, rated, corrects !== null, at, now());
  const states = new Map(labels.map((each) => [each, floorState(form, draft, each, on)]));
  const measured = [...states.values()].filter((each) => each !== 'empty').length;
  const following = labels[labels.indexOf(floor) + 1];
  const failed = [...states.values()].includes('failed');

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (faults.length > 0 || saving) {
      const wrongFloor = labels.find((each) => states.get(each) === 'wrong');
      if (wrongFloor !== undefined) setFloor(wrongFloor);
      requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      return;
    }
    setSaving(true);
    rememberSigner(draft.workers[0]!);
    const unchanged = beginning.performedAt !== null && draft.earlier === wallMinute(Date.parse(beginning.performedAt), zone);
    try {
      const answer = await testQueue.enqueueAndSend({
        client_id: clientId,
        person_id: personId,
        elevator_id: elevator.id,
        elevator_code: elevator.code,
        site_id: elevator.site_id,
        body: requestOf(form, draft, labels, unchanged ? beginning.performedAt! : new Date(at).toISOString(), corrects),
        draft: { ...draft, photos: [], files: [] },
        photos: draft.photos,
        files: draft.files ?? [],
        refused: null,
      });
      touched.current = false;
      if (keeps) await dropDraft(personId, elevator.id);
      // What the server says floor by floor; without a network to the list, where it stands as waiting.
      navigate(answer === null ? '/lifts' : `/elevator-tests/${answer.id}`, 'replace');
    } catch {
      setNoRoom(true); // the phone keeps nothing more
      setSaving(false);
    }
  }

  const go = (to: string): void => {
    setFloor(to);
    requestAnimationFrame(() => body.current?.querySelector<HTMLElement>('.floor .measure input')?.focus());
  };

  return (
    <Pane
      name={`lift-test/${elevator.id}`}
      title={text.liftTest.formTitle}
      under={
        <span class="minor">
          {nearPlace(say(elevator.place))} · {say(elevator.name)} · {elevator.code}
        </span>
      }
      backTo="/lifts"
      action={
        <>
          {tried && faults.length > 0 && (
            <p class="fault" role="alert">
              {text.liftTest.faults[faults[0]!]}
            </p>
          )}
          {noRoom && (
            <p class="fault" role="alert">
              {text.check.notKept}
            </p>
          )}
          <button type="submit" form="lift-test" class="button large primary" disabled={saving}>
            {saving ? text.liftTest.sending : failed ? text.liftTest.submitFailed : text.liftTest.submit}
          </button>
        </>
      }
    >
      <form id="lift-test" class="check-form" ref={body} onSubmit={(event) => void save(event)} noValidate>
        {corrects !== null && <p class="note strong">{text.liftTest.correcting(corrects)}</p>}
        {beginning.refused !== null && (
          <p class="note strong" role="alert">
            {text.round.refused}
            {text.colon}
            {explain(beginning.refused, text)}
          </p>
        )}

        <Section title={text.liftTest.door}>
          <div class="check-field door-fields">
            <Segmented<DoorType | ''>
              label={text.liftTest.doorType}
              name="door"
              value={draft.door.type ?? ''}
              options={(['centre', 'side'] as const).map((value) => ({ value, label: text.liftTest.doorTypes[value] }))}
              choose={(type) => type !== '' && change({ door: { ...draft.door, type } })}
            />
            <Measure field={form.door[0]!} words={draft.door.width} judged={[]} missing={tried && faults.includes('door')} set={(width) => change({ door: { ...draft.door, width } })} />
            <p class="minor">{text.liftTest.doorHint}</p>
          </div>
        </Section>

        <Section title={text.liftTest.floors} aside={elevator.floors === null ? measured : text.liftTest.measuredFloors(measured, labels.length)}>
          <Floors states={states} chosen={floor} choose={setFloor} />
          {elevator.floors === null && <NewFloor known={labels} add={(label) => (change({ floors: { ...draft.floors, [label]: {} } }), setFloor(label))} />}
          {floor !== '' && (
            <div class="check-field floor">
              <h3>{text.liftTest.floor(floor)}</h3>
              <Measures
                key={floor}
                form={form}
                fields={form.floor}
                typed={draft.floors[floor] ?? {}}
                draft={draft}
                on={on}
                rated={rated}
                set={(field, words) => change({ floors: { ...draft.floors, [floor]: { ...draft.floors[floor], [field]: words } } })}
              />
              {following !== undefined && (
                <button type="button" class="button large next-floor" onClick={() => go(following)}>
                  {text.liftTest.next(following)}
                </button>
              )}
            </div>
          )}
        </Section>

        <details class="folded" open={Object.values(draft.car).some((words) => parsed(words) !== null)}>
          <summary>
            {text.liftTest.car} · {text.liftTest.carMore}
          </summary>
          <div class="check-field">
            {rated !== null && <p class="minor">{text.liftTest.rated(String(rated))}</p>}
            <Measures
              form={form}
              fields={form.car.filter(({ field }) => field !== 'speed.rated_m_s' || rated === null)}
              typed={draft.car}
              draft={draft}
              on={on}
              rated={rated}
              set={(field, words) => change({ car: { ...draft.car, [field]: words } })}
            />
          </div>
        </details>

        <PhotoStrip purpose="test" needed={0} photos={draft.photos} wrong={false} set={(photos) => change({ photos })} />

        <FileStrip files={draft.files ?? []} set={(files) => change({ files })} />

        <Section title={text.liftTest.workers}>
          <SignatureFields signatures={draft.workers} tried={tried} same={sameWorker(draft.workers)} set={(workers) => change({ workers })} />
        </Section>

        <label class="field">
          <span>
            {text.liftTest.remarks} <small>{text.check.optional}</small>
          </span>
          <textarea rows={2} maxLength={4000} value={draft.remarks} onInput={(event) => change({ remarks: event.currentTarget.value })} />
        </label>

        <Section title={text.liftTest.when}>
          {draft.earlier === null ? (
            <div class="when">
              <span>{text.check.whenNow}</span>
              <button type="button" class="button quiet" onClick={() => change({ earlier: wallMinute(now(), zone) })}>
                {text.check.whenEarlier}
              </button>
            </div>
          ) : (
            <label class="field">
              <span class="sr-only">{text.liftTest.when}</span>
              <input type="datetime-local" value={draft.earlier} max={wallMinute(now(), zone)} aria-invalid={faults.includes('future')} onInput={(event) => change({ earlier: event.currentTarget.value })} />
            </label>
          )}
          {late && <p class="note">{text.liftTest.late}</p>}
          {(late || corrects !== null) && (
            <label class="field">
              <span>{corrects === null ? text.liftTest.lateReason : text.liftTest.correctReason}</span>
              <textarea rows={2} maxLength={4000} value={draft.reason} aria-invalid={tried && faults.includes('reason')} onInput={(event) => change({ reason: event.currentTarget.value })} />
            </label>
          )}
        </Section>
        {keeps && <p class="minor">{text.liftTest.draftKept}</p>}
      </form>
    </Pane>
  );
}

const MARKS: Readonly<Record<FloorState, string>> = { empty: '', wrong: '!', failed: '✕', good: '✓' };

function Floors({ states, chosen, choose }: { readonly states: ReadonlyMap<string, FloorState>; readonly chosen: string; readonly choose: (floor: string) => void }) {
  const { text } = useLanguage();
  return (
    <ul class="floors">
      {[...states].map(([label, state]) => (
        <li key={label}>
          <button
            type="button"
            class={`floor-chip is-${state}`}
            aria-pressed={label === chosen}
            aria-label={`${text.liftTest.floor(label)}${text.comma}${text.liftTest.floorStates[state]}`}
            onClick={() => choose(label)}
          >
            {label}
            <span aria-hidden="true">{MARKS[state]}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function NewFloor({ known, add }: { readonly known: readonly string[]; readonly add: (label: string) => void }) {
  const { text } = useLanguage();
  const [label, setLabel] = useState('');
  const plain = label.normalize('NFKC').trim().toUpperCase();
  return (
    <div class="new-floor">
      <label class="field">
        <span class="sr-only">{text.liftTest.floorLabel}</span>
        <input value={label} maxLength={8} placeholder={text.liftTest.floorLabel} autocapitalize="characters" autocomplete="off" onInput={(event) => setLabel(event.currentTarget.value)} />
      </label>
      <button type="button" class="button" disabled={plain === '' || known.includes(plain)} onClick={() => (add(plain), setLabel(''))}>
        {text.liftTest.addFloor}
      </button>
    </div>
  );
}
