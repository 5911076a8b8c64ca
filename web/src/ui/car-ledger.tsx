import { unitWord } from '../fire';
import { now } from '../clock';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import type { CarWarning } from '../car-shapes';
import * as sources from '../sources';
import { word } from '../text';
import { clock, dayIn, dayWord } from '../time';
import { Link } from './link';
import { Section } from './pane';
import { PassedWord } from './verdicts';

/** What is on its way to its limit, and the last weekly tests with their verdicts. */
export function CarLedger({ id, siteId }: { readonly id: number; readonly siteId: number }) {
  const { text, locale } = useLanguage();
  const warnings = useResource(sources.carWarnings(id)).data ?? [];
  const tests = useResource(sources.carTests(id)).data;
  const zone = sources.zoneOf(siteId);
  return (
    <>
      {warnings.length > 0 && (
        <Section title={text.car.warnings} aside={warnings.length}>
          <ul class="rows">
            {warnings.map((each) => (
              <Warning key={each.id} of={each} zone={zone} />
            ))}
          </ul>
        </Section>
      )}
      {tests !== undefined && (
        <Section title={text.car.tests}>
          {tests.length === 0 && <p class="minor">{text.car.noTests}</p>}
          <ul class="rows">
            {tests.map((test) => (
              <li key={test.id} class="task-row compact">
                <Link href={`/elevator-tests/${test.id}`} class="row-link">
                  {clock(Date.parse(test.performed_at), now(), locale, zone)}
                </Link>
                {test.passed === false ? <span class="passed-word is-failed">{`✕ ${text.car.failed(test.failures)}`}</span> : <PassedWord passed={test.passed} />}
                <span class="minor">
                  {test.submitted_by.name}
                  {test.late_entry && ` · ${text.check.lateEntry}`}
                  {test.corrected_by !== null && ` · ${text.check.correctedBy(test.corrected_by)}`}
                  {test.ticket_id !== null && ` · ${text.car.ticket(test.ticket_id)}`}
                </span>
              </li>
            ))}
          </ul>
          {tests.length > 0 && (
            <Link href={`/elevators/${id}/tests`} class="button">
              {text.car.allTests}
            </Link>
          )}
        </Section>
      )}
    </>
  );
}

/** "Door opening time, floor 7: reaches 4 s on 3 Dec", with the band and what it is now. */
function Warning({ of, zone }: { readonly of: CarWarning; readonly zone: string }) {
  const { text, locale } = useLanguage();
  const day = (at: string): string => dayWord(dayIn(Date.parse(at), zone), locale);
  const amount = (value: number): string => `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)} ${unitWord(of.unit)}`.trim();
  const name = word(text.car.quantity, of.quantity) ?? of.quantity;
  return (
    <li class="task-row compact">
      <Link href={`/warnings/${of.id}`} class="row-link">
        {of.floor === null ? name : text.car.atFloor(name, of.floor)}
      </Link>
      <span class="task-when">{text.car.crosses(amount(of.crosses), day(of.expected_at))}</span>
      <span class="minor">
        {text.car.level(amount(of.level))} · {of.latest_at === null ? text.car.bandOpen(day(of.earliest_at)) : text.car.band(day(of.earliest_at), day(of.latest_at))} · {text.car.state[of.state]}
      </span>
    </li>
  );
}
