import { fileAt, photoAt } from '../api';
import { boundOf } from '../fire';
import { useLanguage } from '../language';
import { byFloor } from '../lift';
import type { JudgedItem, LiftTest } from '../lift-shapes';
import { useResource } from '../resource';
import { navigate } from '../route';
import { may, session } from '../session';
import * as sources from '../sources';
import { useStore } from '../store';
import { word } from '../text';
import { fullTime } from '../time';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { FileList } from '../ui/file-list';
import { PhotoList } from '../ui/photo-list';
import { Listing, SkeletonPage } from '../ui/states';
import { Basis, PassedWord } from '../ui/verdicts';

/** One test: the verdict, what failed against which limit, and every floor. */
export function LiftTestScreen({ id }: { readonly id: number }) {
  const { text, locale, say } = useLanguage();
  const test = useResource(sources.test(id));
  const state = useStore(session);
  const { data } = test;
  const back = data === undefined ? '/lifts' : `/elevators/${data.elevator.id}/tests`;
  const correctable = data !== undefined && data.corrected_by === null && may(state, 'write:tests');
  return (
    <Pane
      name={`elevator-tests/${id}`}
      title={text.liftTest.title}
      under={
        data !== undefined && (
          <span class="minor">
            {say(data.elevator.name)} · {data.elevator.code} · {fullTime(Date.parse(data.performed_at), locale, sources.zoneOf(null), 'short')}
          </span>
        )
      }
      backTo={back}
      {...(correctable
        ? {
            action: (
              <button type="button" class="button large" onClick={() => navigate(`/elevators/${data.elevator.id}/test?corrects=${data.id}`)}>
                {text.liftTest.correct}
              </button>
            ),
          }
        : {})}
    >
      <Listing of={test} loading={text.states.loading} skeleton={<SkeletonPage />}>
        {(found) => <Body test={found} />}
      </Listing>
    </Pane>
  );
}

function Body({ test }: { readonly test: LiftTest }) {
  const { text, locale } = useLanguage();
  const state = useStore(session);
  const zone = sources.zoneOf(null);
  const time = (at: string): string => fullTime(Date.parse(at), locale, zone, 'short');
  const groups = byFloor(test.items);
  const failing = groups.filter(([, items]) => items.some((each) => each.passed === false));
  return (
    <div class="lift-test">
      <p class={`test-verdict${test.passed === false ? ' is-failed' : ''}`}>
        <strong>{test.passed === false ? `✕ ${text.liftTest.failed(test.failures)}` : test.passed === true ? `✓ ${text.liftTest.passed}` : text.check.notJudged}</strong>
        {test.passed === false && groups.length > failing.length && <span class="minor">{text.liftTest.floorsPassed(groups.length - failing.length)}</span>}
      </p>
      {test.ticket !== null && (
        <p class="note strong">
          {may(state, 'read:tickets') ? <Link href={`/tickets/${test.ticket.id}`}>{`${text.liftTest.ticket} ${test.ticket.id}`}</Link> : `${text.liftTest.ticket} ${test.ticket.id}`} · {text.liftTest.ticketDue(time(test.ticket.due_at))}
        </p>
      )}
      {test.corrected_by !== null && (
        <p class="note strong">
          <Link href={`/elevator-tests/${test.corrected_by}`}>{text.liftTest.correctedBy(test.corrected_by)}</Link>
        </p>
      )}
      {test.corrects !== null && (
        <p class="note">
          <Link href={`/elevator-tests/${test.corrects}`}>{text.liftTest.corrects(test.corrects)}</Link>
          {test.reason !== null && `${text.colon}${test.reason}`}
        </p>
      )}
      {test.late_entry && (
        <p class="note">
          <strong>{text.liftTest.lateEntry}</strong> · {text.liftTest.received(time(test.received_at))}
          {test.corrects === null && test.reason !== null && `${text.colon}${test.reason}`}
        </p>
      )}
      <Section title={text.liftTest.measured} aside={text.liftTest.allFloors(groups.filter(([floor]) => floor !== null).length)}>
        <ul class="test-floors">
          {[...failing, ...groups.filter((each) => !failing.includes(each))].map(([floor, items]) => (
            <Floor key={floor} floor={floor} items={items} open={failing.length > 0 ? items.some((each) => each.passed === false) : groups.length <= 4} />
          ))}
        </ul>
        {test.remarks !== null && <p class="after">{test.remarks}</p>}
      </Section>
      {test.photos.length > 0 && (
        <Section title={text.liftTest.photos} aside={test.photos.length}>
          <PhotoList photos={test.photos} zone={zone} photo={photoAt} />
        </Section>
      )}
      {test.files.length > 0 && (
        <Section title={text.files.title} aside={test.files.length}>
          <FileList files={test.files} at={fileAt} />
        </Section>
      )}
      <Section title={text.liftTest.workersList}>
        <dl class="facts">
          {test.workers.map((each) => (
            <div key={each.certificate_no}>
              <dt>{each.name}</dt>
              <dd>{each.certificate_no}</dd>
            </div>
          ))}
          <div>
            <dt>{text.liftTest.enteredBy}</dt>
            <dd>
              {test.submitted_by.name} · {time(test.received_at)}
            </dd>
          </div>
          {test.door !== null && (
            <div>
              <dt>{text.liftTest.door}</dt>
              <dd>
                {text.liftTest.doorTypes[test.door.type]} · {test.door.clear_width_mm} mm
              </dd>
            </div>
          )}
        </dl>
      </Section>
    </div>
  );
}

function Floor({ floor, items, open }: { readonly floor: string | null; readonly items: readonly JudgedItem[]; readonly open: boolean }) {
  const { text } = useLanguage();
  const failures = items.filter((each) => each.passed === false).length;
  const judged = items.some((each) => each.passed !== null);
  return (
    <li>
      <details class="folded" open={open}>
        <summary>
          <strong>{floor === null ? text.liftTest.car : text.liftTest.floor(floor)}</strong>
          <span class={`passed-word${failures > 0 ? ' is-failed' : ''}`}>{failures > 0 ? `✕ ${text.liftTest.failed(failures)}` : judged ? `✓ ${text.liftTest.passed}` : text.check.notJudged}</span>
        </summary>
        <ul class="verdicts">
          {items.map((each, index) => (
            <Item key={index} of={each} />
          ))}
        </ul>
      </details>
    </li>
  );
}

function Item({ of }: { readonly of: JudgedItem }) {
  const { text } = useLanguage();
  const unit = word(text.liftTest.units, of.unit) ?? of.unit;
  return (
    <li>
      <span>{word(text.liftTest.fields, of.field) ?? of.field}</span>
      <strong>
        {of.value} {unit}
      </strong>
      {of.limit === null ? <span class="passed-word">{text.liftTest.noLimit}</span> : <PassedWord passed={of.passed} />}
      {of.limit !== null && (of.passed === false ? <Basis limit={{ ...of.limit, quantity: of.quantity }} /> : <span class="minor">{boundOf(of.limit)} · {text.source(of.limit.standard)}</span>)}
    </li>
  );
}
