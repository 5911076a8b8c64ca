import { BASE } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { may, session } from '../session';
import type { Scorecard } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { clock, dayWord } from '../time';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { Empty, Listing, SkeletonPage } from '../ui/states';

/** How well contractors keep their elevators, over the last 13 weeks. A contractor sees its own card. */
export function ScorecardsScreen() {
  const { text, locale } = useLanguage();
  const cards = useResource(sources.scorecards);
  const day = (written: string): string => dayWord(written, locale);
  const { data } = cards;
  return (
    <Pane
      name="scorecards"
      title={text.scores.title}
      under={data !== undefined && <span class="minor">{text.scores.period(day(data.first), day(data.last))}</span>}
      backTo="/me"
      broad
    >
      <Listing of={cards} loading={text.scores.loading} skeleton={<SkeletonPage />} isEmpty={(found) => found.items.length === 0} empty={<Empty>{text.scores.empty}</Empty>}>
        {(found) => (
          <>
            <div class="cards">
              {found.items.map((each) => (
                <Card key={each.contractor.id} card={each} />
              ))}
            </div>
            <div class="actions after">
              <a class="button" href={`${BASE}/contractor-scorecards.xlsx?locale=${locale}`}>
                {text.scores.workbook}
              </a>
            </div>
          </>
        )}
      </Listing>
    </Pane>
  );
}

function Card({ card }: { readonly card: Scorecard }) {
  const { text, locale, say } = useLanguage();
  const percent = (share: number | null): string =>
    share === null ? '—' : new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share);
  const { scores } = text;
  return (
    <Section title={say(card.contractor.name)} aside={scores.elevators(card.elevators)}>
      <dl class="totals score-figures">
        <Figure name={scores.tests} value={percent(card.test_share)} more={card.weeks === 0 ? scores.none : scores.testsOf(card.tests_in_time, card.weeks)} />
        <Figure name={scores.repairs} value={percent(card.repair_share)} more={card.decided === 0 ? scores.none : scores.repairsOf(card.repairs_in_time, card.decided)} />
        <Figure name={scores.missed} value={scores.weeks(card.missed.length)} more={card.late_weeks.length > 0 ? scores.late(card.late_weeks.length) : ''} />
        <Figure name={scores.repeats} value={scores.times(card.repeats.length)} more="" />
      </dl>
      <Behind card={card} />
    </Section>
  );
}

function Figure({ name, value, more }: { readonly name: string; readonly value: string; readonly more: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {more !== '' && <dd class="minor score-more">{more}</dd>}
    </div>
  );
}

/** What stands behind the figures, folded. */
function Behind({ card }: { readonly card: Scorecard }) {
  const { text, locale, say } = useLanguage();
  const state = useStore(session);
  const { scores } = text;
  const moment = (at: string): string => clock(Date.parse(at), now(), locale, sources.zoneOf(null));
  const ticket = (id: number, words: string) => (may(state, 'read:tickets') ? <Link href={`/tickets/${id}`}>{words}</Link> : words);
  return (
    <>
      {card.missed.length > 0 && (
        <details class="folded">
          <summary>
            {scores.missedList} ({card.missed.length})
          </summary>
          <ul class="score-list">
            {card.missed.map((each) => (
              <li key={`${each.elevator.id}/${each.monday}`}>
                {say(each.elevator.name)} · {scores.week(dayWord(each.monday, locale))}
              </li>
            ))}
          </ul>
        </details>
      )}
      {card.late_repairs.length > 0 && (
        <details class="folded">
          <summary>
            {scores.lateList} ({card.late_repairs.length})
          </summary>
          <ul class="score-list">
            {card.late_repairs.map((each) => (
              <li key={each.ticket_id}>
                {ticket(each.ticket_id, scores.ticket(each.ticket_id))} · {say(each.elevator.name)} · {scores.due(moment(each.due_at))} ·{' '}
                {each.done_at === null ? scores.notRepaired : scores.repaired(moment(each.done_at))}
              </li>
            ))}
          </ul>
        </details>
      )}
      {card.repeats.length > 0 && (
        <details class="folded">
          <summary>
            {scores.repeatList} ({card.repeats.length})
          </summary>
          <ul class="score-list">
            {card.repeats.map((each) => (
              <li key={each.ticket_id}>
                {ticket(each.ticket_id, scores.again(each.before_ticket_id, each.ticket_id))} · {say(each.elevator.name)} · {moment(each.opened_at)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
