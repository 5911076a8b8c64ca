import { useState } from 'preact/hooks';
import { boundOf } from '../fire';
import { useLanguage } from '../language';
import type { LiftWarning } from '../lift-shapes';
import { useResource } from '../resource';
import * as sources from '../sources';
import { word } from '../text';
import { dayIn, dayWord } from '../time';
import { Link } from '../ui/link';
import { Pane } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Empty, Listing, SkeletonRows } from '../ui/states';

const isLive = (warning: LiftWarning): boolean => warning.ended_at === null;

/** The early-warning ledger: what is on its way to its limit, the soonest first. */
export function WarningsScreen() {
  const { text } = useLanguage();
  const warnings = useResource(sources.warnings);
  const [chosen, choose] = useState<'live' | 'ended'>('live');
  const of = (data: readonly LiftWarning[], which: 'live' | 'ended'): LiftWarning[] => data.filter((each) => isLive(each) === (which === 'live'));
  return (
    <Pane name="warnings" title={text.warnings.title} under={<span class="minor">{text.warnings.what}</span>} backTo="/lifts">
      <Listing of={warnings} loading={text.warnings.loading} skeleton={<SkeletonRows count={3} />}>
        {(data) => (
          <>
            <Segmented
              label={text.warnings.title}
              name="warnings"
              value={chosen}
              options={(['live', 'ended'] as const).map((value) => ({ value, label: text.warnings.filter[value], count: of(data, value).length }))}
              choose={choose}
            />
            {of(data, chosen).length === 0 ? (
              <Empty title={text.warnings.empty}>{text.warnings.emptyMore}</Empty>
            ) : (
              <ul class="rows after">
                {of(data, chosen)
                  .sort((a, b) => a.expected_at.localeCompare(b.expected_at))
                  .map((each) => (
                    <Row key={each.id} warning={each} />
                  ))}
              </ul>
            )}
          </>
        )}
      </Listing>
    </Pane>
  );
}

function Row({ warning }: { readonly warning: LiftWarning }) {
  const { text, locale, say } = useLanguage();
  const day = dayWord(dayIn(Date.parse(warning.expected_at), sources.zoneOf(warning.site_id)), locale);
  return (
    <li class="task-row compact">
      <Link href={`/warnings/${warning.id}`} class="row-link">
        {say(warning.elevator.name)} · {warning.floor === null ? text.liftTest.car : text.liftTest.floor(warning.floor)} · {word(text.liftTest.quantities, warning.quantity) ?? warning.quantity}
      </Link>
      <span class="task-state">{text.warnings.states[warning.state]}</span>
      <span class="minor">
        {text.warnings.expected(day)} · {text.warnings.limit} {boundOf(warning.limit)}
      </span>
    </li>
  );
}
