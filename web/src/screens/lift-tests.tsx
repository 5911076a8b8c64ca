import { useState } from 'preact/hooks';
import { now } from '../clock';
import { useLanguage } from '../language';
import type { TestSummary } from '../lift-shapes';
import { useResource } from '../resource';
import { navigate } from '../route';
import { may, session } from '../session';
import * as sources from '../sources';
import { useStore } from '../store';
import { clock } from '../time';
import { Link } from '../ui/link';
import { Pane } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Empty, Listing, SkeletonRows } from '../ui/states';
import { PassedWord } from '../ui/verdicts';

const filters = ['all', 'failed', 'late'] as const;
type Filter = (typeof filters)[number];

const takes: Readonly<Record<Filter, (test: TestSummary) => boolean>> = {
  all: () => true,
  failed: (test) => test.passed === false,
  late: (test) => test.late_entry,
};

/** The tests of one elevator, the newest first: verdicts, late entries, what was corrected. */
export function LiftTestsScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const elevators = useResource(sources.elevators);
  const tests = useResource(sources.tests(id));
  const state = useStore(session);
  const [chosen, choose] = useState<Filter>('all');
  const elevator = elevators.data?.value.find((each) => each.id === id);
  return (
    <Pane
      name={`elevators/${id}/tests`}
      title={text.lifts.tests}
      under={
        elevator !== undefined && (
          <span class="minor">
            {say(elevator.place)} · {say(elevator.name)} · {elevator.code}
          </span>
        )
      }
      backTo="/lifts"
      {...(may(state, 'write:tests')
        ? {
            action: (
              <button type="button" class="button large primary" onClick={() => navigate(`/elevators/${id}/test`)}>
                {text.liftTest.newTest}
              </button>
            ),
          }
        : {})}
    >
      <Listing of={tests} loading={text.states.loading} skeleton={<SkeletonRows count={5} />} isEmpty={(data) => data.length === 0} empty={<Empty>{text.liftTest.listEmpty}</Empty>}>
        {(data) => (
          <>
            <Segmented
              label={text.lifts.tests}
              name="tests"
              value={chosen}
              options={filters.map((value) => ({ value, label: text.liftTest.filter[value], count: data.filter(takes[value]).length }))}
              choose={choose}
            />
            <ul class="rows after">
              {data.filter(takes[chosen]).map((test) => (
                <Row key={test.id} test={test} siteId={elevator?.site_id ?? null} />
              ))}
            </ul>
          </>
        )}
      </Listing>
    </Pane>
  );
}

function Row({ test, siteId }: { readonly test: TestSummary; readonly siteId: number | null }) {
  const { text, locale } = useLanguage();
  const marks = [
    test.late_entry && text.liftTest.lateEntry,
    test.corrects !== null && text.liftTest.corrects(test.corrects),
    test.ticket_id !== null && `${text.liftTest.ticket} ${test.ticket_id}`,
  ].filter((each) => each !== false);
  return (
    <li class={`task-row compact${test.corrected_by === null ? '' : ' is-replaced'}`}>
      <Link href={`/elevator-tests/${test.id}`} class="row-link">
        {clock(Date.parse(test.performed_at), now(), locale, sources.zoneOf(siteId))}
      </Link>
      {test.passed === false ? <span class="passed-word is-failed">{`✕ ${text.liftTest.failed(test.failures)}`}</span> : <PassedWord passed={test.passed} />}
      <span class="minor">
        {test.submitted_by.name}
        {marks.map((mark) => ` · ${mark}`)}
        {test.corrected_by !== null && <strong> · {text.liftTest.correctedBy(test.corrected_by)}</strong>}
      </span>
    </li>
  );
}
