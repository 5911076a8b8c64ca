import { useState } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { stops } from '../fire';
import { useLanguage } from '../language';
import { discard, sendAll, sending, sent, waiting, type Waiting } from '../outbox';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import type { Round, RoundPiece, Task } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { clock, dayWord } from '../time';
import { now } from '../clock';
import { Icon } from '../ui/icon';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { Refused } from '../ui/refused';
import { Scanner } from '../ui/scanner';
import { Empty, Listing, SkeletonRows } from '../ui/states';
import { PassedWord } from '../ui/verdicts';

/** The day's round: what is due here by way of walking, what waits on this phone, and the scanner below the thumb. */
export function RoundScreen() {
  const { text, locale, say } = useLanguage();
  const { path, query } = useStore(place);
  const sites = useResource(sources.roundSites);
  const known = sites.data?.value ?? [];
  const chosen = known.find((each) => String(each.id) === query.get('site')) ?? known[0];
  const round = useResource(chosen === undefined ? null : sources.round(chosen.id));
  useResource(sources.checkForms); // so that they are kept before the network goes
  const [scanning, setScanning] = useState(false);
  const data = round.data?.value;
  const mine = useStore(waiting);
  const under = (data?.tasks ?? []).filter((task) => !mine.some((each) => isOf(each, task)));
  const overdue = under.filter((task) => task.state === 'overdue').length;

  return (
    <Pane
      name="round"
      title={data === undefined ? text.round.title : under.length === 0 ? text.round.allDone : text.round.headline(under.length)}
      under={
        <>
          {overdue > 0 && <strong>{text.round.overdue(overdue)}</strong>}
          <Link href="/upkeep">{text.round.calendar}</Link>
        </>
      }
      action={
        data !== undefined && (
          <button type="button" class="button large primary" onClick={() => setScanning(true)}>
            <Icon name="scan" />
            {text.round.scan}
          </button>
        )
      }
    >
      {known.length > 1 && (
        <label class="field">
          <span>{text.round.site}</span>
          <select value={chosen?.id} onChange={(event) => navigate(`${path}?site=${event.currentTarget.value}`, 'replace')}>
            {known.map((each) => (
              <option key={each.id} value={each.id}>
                {say(each.name)}
              </option>
            ))}
          </select>
        </label>
      )}
      {round.data?.old === true && <p class="note" role="status">{text.round.offline(clock(round.data.at, now(), locale, sources.zoneOf(chosen?.id ?? null)))}</p>}
      <OnThisPhone />
      <JustSent />
      {sites.data !== undefined && chosen === undefined ? (
        <Empty title={text.round.noSite} />
      ) : (
        <Listing
          of={round}
          loading={text.round.loading}
          skeleton={<SkeletonRows count={6} />}
          isEmpty={() => under.length === 0 && mine.length === 0}
          empty={<Empty>{text.round.allDoneMore}</Empty>}
        >
          {({ value }) => <Stops round={value} tasks={under} />}
        </Listing>
      )}
      {scanning && data !== undefined && (
        <Scanner
          pieces={data.equipment}
          close={() => setScanning(false)}
          found={(piece) => {
            setScanning(false);
            navigate(nextOf(piece, data.tasks));
          }}
        />
      )}
    </Pane>
  );
}

const isOf = (each: Waiting, task: Task): boolean => each.body.equipment_id === task.equipment_id && each.body.form === task.form;

/** A scanned piece opens the one form that is due of it, else its page, where all of them are. */
function nextOf(piece: RoundPiece, tasks: readonly Task[]): string {
  const forms = new Set(tasks.filter((task) => task.equipment_id === piece.id).map((task) => task.form));
  const [only] = forms;
  return forms.size === 1 && only !== undefined ? `/equipment/${piece.id}/check/${only}` : `/equipment/${piece.id}`;
}

function Stops({ round, tasks }: { readonly round: Round; readonly tasks: readonly Task[] }) {
  const { text, locale, say } = useLanguage();
  const pieces = new Map(round.equipment.map((piece) => [piece.id, piece]));
  const placeOf = (task: Task): string => {
    const there = pieces.get(task.equipment_id);
    return there === undefined ? text.round.nowhere : nearPlace(say(there.place));
  };
  return (
    <>
      {stops(tasks, placeOf, locale).map((stop) => (
        <Section key={stop.place} title={stop.place} aside={stop.tasks.length}>
          <ul class="rows">
            {stop.tasks.map((task) => (
              <li key={`${task.plan}/${task.equipment_id}/${task.first}`} class="task-row">
                <Link href={`/equipment/${task.equipment_id}/check/${task.form}`} class="row-link">
                  {say(task.name)}
                </Link>
                <span class="minor">
                  {say(pieces.get(task.equipment_id)?.name ?? task.equipment)} · {task.equipment}
                </span>
                <span class={task.state === 'overdue' ? 'task-when late' : 'task-when minor'}>
                  {task.state === 'overdue' ? text.round.late(dayWord(task.last, locale)) : text.round.until(dayWord(task.last, locale))}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      ))}
    </>
  );
}

/** What was entered here and is not on the server yet. */
function OnThisPhone() {
  const { text, locale, say } = useLanguage();
  const mine = useStore(waiting);
  const busy = useStore(sending);
  if (mine.length === 0) return null;
  return (
    <Section title={text.round.waiting} aside={mine.length}>
      <p class="minor">{busy ? text.round.sending : text.round.waitingMore}</p>
      <ul class="rows">
        {mine.map((each) => (
          <li key={each.body.client_id} class="task-row">
            <strong>{say(each.form_name)}</strong>
            <span class="minor">
              {each.equipment_code} · {clock(Date.parse(each.body.performed_at), now(), locale, sources.zoneOf(each.site_id))}
              {each.photos.length > 0 && ` · ${text.check.photos} ${each.photos.length}`}
            </span>
            {each.refused !== null && (
              <Refused
                name={`${say(each.form_name)} ${each.equipment_code}`}
                why={each.refused}
                edit={() => navigate(`/equipment/${each.body.equipment_id}/check/${each.body.form}?kept=${each.body.client_id}`)}
                resend={() => void sendAll(each.body.client_id)}
                discard={() => void discard(each.body.client_id)}
              />
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function JustSent() {
  const { text, say } = useLanguage();
  const done = useStore(sent);
  if (done.length === 0) return null;
  return (
    <Section title={text.round.sent} aside={done.length}>
      <ul class="rows">
        {done.map((check) => (
          <li key={check.id} class="task-row">
            <Link href={`/checks/${check.id}`} class="row-link">
              {say(check.form_name)}
            </Link>
            <span class="minor">
              {say(check.equipment.name)} · {check.equipment.code}
            </span>
            <PassedWord passed={check.passed} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
