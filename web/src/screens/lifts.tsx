import { useEffect, useState } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { BASE, api } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import { taskHref, TEST_FORM } from '../lift';
import type { Elevator, Uploaded } from '../lift-shapes';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { navigate } from '../route';
import { may, session } from '../session';
import type { Task } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { keptDraft, testQueue } from '../test-outbox';
import { clock, dayAfter, dayIn, dayWord } from '../time';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { Refused } from '../ui/refused';
import { Empty, Listing, SkeletonRows } from '../ui/states';
import { PassedWord } from '../ui/verdicts';

type Due = Task & { readonly site_id: number };
type Group = 'overdue' | 'due' | 'missed' | 'done' | 'planned';
const groups: readonly Group[] = ['overdue', 'due', 'missed', 'done', 'planned'];
/** What may be done in months is not what one comes for today. */
const SOON_DAYS = 14;

/** What is due at the elevators that somebody sees, which for a contractor are those of its contracts. */
export function LiftsScreen() {
  const { text, locale } = useLanguage();
  const elevators = useResource(sources.elevators);
  const due = useResource(sources.liftDue);
  useResource(sources.testForm); // so that it is kept before the network goes
  const state = useStore(session);
  const tasks = due.data?.value ?? [];
  const of = (group: Group): Due[] => tasks.filter((task) => groupOf(task) === group);
  const [overdue, missed] = [of('overdue').length, of('missed').length];
  const count = overdue + of('due').length;
  const names = new Map((elevators.data?.value ?? []).map((each) => [each.id, each]));
  return (
    <Pane
      name="lifts"
      title={due.data === undefined ? text.lifts.title : count === 0 ? text.lifts.allDone : text.lifts.headline(count)}
      under={
        <>
          {overdue > 0 && <strong>{text.lifts.overdue(overdue)}</strong>}
          <span class="minor">{missed > 0 ? text.lifts.missed(missed) : text.lifts.title}</span>
        </>
      }
    >
      {due.data?.old === true && <p class="note" role="status">{text.lifts.offline(clock(due.data.at, now(), locale, sources.zoneOf(null)))}</p>}
      <WaitingTests />
      <Listing
        of={elevators}
        loading={text.lifts.loading}
        skeleton={<SkeletonRows count={5} />}
        isEmpty={({ value }) => value.length === 0}
        empty={<Empty title={text.lifts.empty}>{text.lifts.emptyMore}</Empty>}
      >
        {({ value }) => (
          <>
            <Listing of={due} loading={text.lifts.loading} skeleton={<SkeletonRows count={4} />}>
              {() => groups.filter((group) => of(group).length > 0).map((group) => <Tasks key={group} group={group} tasks={of(group)} names={names} />)}
            </Listing>
            <Section title={text.lifts.list} aside={value.length}>
              <ul class="rows">
                {value.map((each) => (
                  <LiftRow key={each.id} elevator={each} />
                ))}
              </ul>
            </Section>
            {may(state, 'write:tests') && <Upload elevators={value} />}
          </>
        )}
      </Listing>
      <p class="after actions">
        <Link href="/warnings" class="button">
          {text.lifts.warnings}
        </Link>
        <Link href="/duty-report" class="button">
          {text.lifts.report}
        </Link>
        <Link href="/round" class="button">
          {text.lifts.tasks}
        </Link>
      </p>
    </Pane>
  );
}

/** Of what is done, only this period's: earlier ones stand with the tests. */
function groupOf(task: Due): Group | null {
  const today = dayIn(now(), sources.zoneOf(task.site_id));
  if (task.state === 'overdue' || task.state === 'missed') return task.state;
  if (task.state === 'due') return task.last <= dayAfter(today, SOON_DAYS) ? 'due' : 'planned';
  if (task.state === 'planned') return 'planned';
  return (task.state === 'done' || task.state === 'late') && task.last >= today ? 'done' : null;
}

function Tasks({ group, tasks, names }: { readonly group: Group; readonly tasks: readonly Due[]; readonly names: ReadonlyMap<number, Elevator> }) {
  const { text } = useLanguage();
  const rows = (
    <ul class="rows">
      {repeated(tasks).map((same) => (
        <TaskRow key={`${same[0]!.plan}/${same[0]!.equipment_id}`} tasks={same} elevator={names.get(same[0]!.equipment_id)} />
      ))}
    </ul>
  );
  if (group === 'done' || group === 'planned') {
    return (
      <details class="folded">
        <summary>
          {text.lifts.groups[group]} ({tasks.length})
        </summary>
        {rows}
      </details>
    );
  }
  return (
    <Section title={text.lifts.groups[group]} aside={tasks.length}>
      {rows}
    </Section>
  );
}

/** The tasks of one plan at one elevator stand together, the newest first; what ends first is at the top. */
function repeated(tasks: readonly Due[]): Due[][] {
  const found = new Map<string, Due[]>();
  for (const task of [...tasks].sort((a, b) => b.last.localeCompare(a.last))) {
    const key = `${task.plan}/${task.equipment_id}`;
    found.set(key, [...(found.get(key) ?? []), task]);
  }
  return [...found.values()].sort(([a], [b]) => a!.last.localeCompare(b!.last) || a!.equipment.localeCompare(b!.equipment, undefined, { numeric: true }));
}

function TaskRow({ tasks, elevator }: { readonly tasks: readonly Due[]; readonly elevator: Elevator | undefined }) {
  const { text, locale, say } = useLanguage();
  const task = tasks[0]!;
  const day = (written: string): string => dayWord(written, locale);
  const name = `${elevator === undefined ? task.equipment : say(elevator.name)} · ${say(task.name)}`;
  const behind = task.state === 'overdue' || task.state === 'missed';
  // Of what was missed only a test can still be entered, as a late one.
  const open = task.form === TEST_FORM || task.state !== 'missed';
  return (
    <li class="task-row compact">
      {open ? (
        <Link href={taskHref(task)} class="row-link">
          {name}
        </Link>
      ) : (
        <strong>{name}</strong>
      )}
      <span class={`task-state ${task.state}`}>
        {text.upkeepCalendar.state[task.state]}
        {tasks.length > 1 && ` · ${text.lifts.times(tasks.length)}`}
        {task.passed === false && ` · ${text.upkeepCalendar.failed}`}
      </span>
      <span class="minor">
        {elevator !== undefined && `${nearPlace(say(elevator.place))} · `}
        {task.state === 'planned' ? text.lifts.period(day(task.first), day(task.last)) : behind ? text.lifts.was(day(task.last)) : text.lifts.until(day(task.last))}
      </span>
    </li>
  );
}

function LiftRow({ elevator }: { readonly elevator: Elevator }) {
  const { text, locale, say } = useLanguage();
  const state = useStore(session);
  const [draft, setDraft] = useState(false);
  const personId = state.phase === 'in' ? state.person.id : null;
  useEffect(() => {
    if (personId !== null) void keptDraft(personId, elevator.id).then((found) => setDraft(found !== undefined), () => undefined);
  }, [personId, elevator.id]);
  const last = elevator.last_test;
  return (
    <li class="task-row compact">
      <Link href={`/elevators/${elevator.id}/tests`} class="row-link">
        {say(elevator.name)}
      </Link>
      {last !== null && <PassedWord passed={last.passed} />}
      <span class="minor">
        {nearPlace(say(elevator.place))} · {last === null ? text.lifts.neverTested : `${text.lifts.lastTest} ${clock(Date.parse(last.performed_at), now(), locale, sources.zoneOf(elevator.site_id))}`}
        {draft && <strong> · {text.lifts.draft}</strong>}
      </span>
    </li>
  );
}

/** What was entered here and is not on the server yet. */
function WaitingTests() {
  const { text, locale } = useLanguage();
  const mine = useStore(testQueue.waiting);
  const busy = useStore(testQueue.sending);
  if (mine.length === 0) return null;
  return (
    <Section title={text.liftTest.waiting} aside={mine.length}>
      <p class="minor">{busy ? text.round.sending : text.liftTest.waitingMore}</p>
      <ul class="rows">
        {mine.map((each) => (
          <li key={each.client_id} class="task-row">
            <strong>{each.elevator_code}</strong>
            <span class="minor">
              {clock(Date.parse(each.body.performed_at), now(), locale, sources.zoneOf(each.site_id))} · {text.liftTest.allFloors(each.body.floors.length)}
              {each.photos.length > 0 && ` · ${text.check.photos} ${each.photos.length}`}
            </span>
            {each.refused !== null && (
              <Refused
                name={each.elevator_code}
                why={each.refused}
                edit={() => navigate(`/elevators/${each.elevator_id}/test?kept=${each.client_id}`)}
                resend={() => void testQueue.sendAll(each.client_id)}
                discard={() => void testQueue.discard(each.client_id)}
              />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** A spreadsheet, and what became of each of its tests. */
function Upload({ elevators }: { readonly elevators: readonly Elevator[] }) {
  const { text, say } = useLanguage();
  const [of, setOf] = useState(elevators[0]?.id);
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Uploaded | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function send(file: File): Promise<void> {
    setBusy(true);
    setAnswer(null);
    setFailure(null);
    try {
      setAnswer(await api.uploadTests(file));
      for (const name of ['elevators', 'lift-due']) touch(name);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <details class="folded upload">
      <summary>{text.lifts.upload}</summary>
      <p class="minor">{text.lifts.uploadMore}</p>
      <div class="upload-template">
        <label class="field">
          <span>{text.lifts.templateFor}</span>
          <select value={of} onChange={(event) => setOf(Number(event.currentTarget.value))}>
            {elevators.map((each) => (
              <option key={each.id} value={each.id}>
                {say(each.name)} · {nearPlace(say(each.place))}
              </option>
            ))}
          </select>
        </label>
        <a class="button" href={`${BASE}/elevator-tests/template.xlsx?elevator=${of}`} download>
          {text.lifts.template}
        </a>
      </div>
      <label class={`button large${busy ? ' is-busy' : ''}`}>
        {busy ? text.lifts.uploading : text.lifts.choose}
        <input
          class="sr-only"
          type="file"
          accept=".csv,.xlsx"
          disabled={busy}
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (file !== undefined) void send(file);
          }}
        />
      </label>
      {failure !== null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      {answer !== null && (
        <div class="upload-answer" role="status">
          <p>
            <strong>{text.lifts.uploaded(answer.accepted, answer.refused)}</strong>
          </p>
          <ul class="rows">
            {answer.items.map((each) => (
              <li key={each.index} class="task-row">
                {each.test === null ? (
                  <>
                    <strong class="is-bad">
                      ✕ {text.lifts.refusedTest} · {text.lifts.lines(lineWords(each.lines))}
                    </strong>
                    {each.problem?.errors?.map((error, index) => (
                      <span key={index} class="minor">
                        {error.line === null ? error.field : text.lifts.line(error.line, error.field)}
                        {text.colon}
                        {error.message}
                      </span>
                    )) ?? <span class="minor">{each.problem?.detail}</span>}
                  </>
                ) : (
                  <>
                    <Link href={`/elevator-tests/${each.test.id}`} class="row-link">
                      {text.lifts.acceptedTest} · {text.lifts.lines(lineWords(each.lines))}
                    </Link>
                    <PassedWord passed={each.test.passed} />
                  </>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </details>
  );
}

const lineWords = (lines: readonly number[]): string => (lines.length > 2 && lines.at(-1)! - lines[0]! === lines.length - 1 ? `${lines[0]}–${lines.at(-1)}` : lines.join(', '));
