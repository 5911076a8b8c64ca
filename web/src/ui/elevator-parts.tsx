import { useState } from 'preact/hooks';
import { useLanguage } from '../language';
import { amountWords, usedShare, usedWords } from '../part';
import { useResource } from '../resource';
import { navigate } from '../route';
import { may, session } from '../session';
import type { Expectation, Part, PartVerdict } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { dayWord } from '../time';
import { Link } from './link';
import { Section } from './pane';
import { CounterSheet, InspectionSheet } from './part-sheets';
import { Listing, SkeletonRows } from './states';

/** The parts of an elevator, those that end first at the top: by what they end, when to order, and every life's basis. */
export function ElevatorParts({ id }: { readonly id: number }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const parts = useResource(sources.parts(id));
  const [counting, setCounting] = useState(false);
  const [inspected, inspect] = useState<Part | null>(null);
  return (
    <Section title={text.parts.title} aside={parts.data?.length}>
      <Listing
        of={parts}
        loading={text.parts.loading}
        skeleton={<SkeletonRows count={2} />}
        isEmpty={(data) => data.length === 0}
        empty={<p class="minor">{text.parts.empty}</p>}
      >
        {(data) => (
          <ul class="rows">
            {[...data].sort(byEnd).map((part) => (
              <PartRow key={part.id} part={part} elevatorId={id} inspect={inspect} />
            ))}
          </ul>
        )}
      </Listing>
      <div class="actions after">
        {may(state, 'write:plant') && (
          <Link href={`/elevators/${id}/part`} class="button">
            {text.partForm.add}
          </Link>
        )}
        {may(state, 'write:tests') && (
          <button type="button" class="button" onClick={() => setCounting(true)}>
            {text.partForm.counter}
          </button>
        )}
      </div>
      {counting && <CounterSheet elevatorId={id} close={() => setCounting(false)} />}
      {inspected !== null && <InspectionSheet part={inspected} elevatorId={id} close={() => inspect(null)} />}
      {may(state, 'read:costs') && (parts.data ?? []).length > 0 && (
        <p class="after">
          <Link href="/budget" class="button">
            {text.parts.budget}
          </Link>
        </p>
      )}
    </Section>
  );
}

const byEnd = (a: Part, b: Part): number => (a.nearest?.expected ?? '9999').localeCompare(b.nearest?.expected ?? '9999');

function PartRow({ part, elevatorId, inspect }: { readonly part: Part; readonly elevatorId: number; readonly inspect: (part: Part) => void }) {
  const { text, locale, say } = useLanguage();
  const state = useStore(session);
  const kinds = useResource(sources.partKinds);
  const measurable = new Set((kinds.data ?? []).filter((each) => each.measured.length > 0).map((each) => each.code));
  const { nearest, order_by: orderBy } = part;
  const day = (written: string): string => dayWord(written, locale);
  const verdicts = part.inspections[0]?.verdicts ?? [];
  return (
    <li class="part-row">
      <div class="part-head">
        <strong>{say(part.kind_name)}</strong>
        {part.over_age ? <span class="part-mark is-over">{text.parts.overAge}</span> : part.order_soon && <span class="part-mark">{text.parts.orderSoon}</span>}
      </div>
      {nearest === null ? (
        <p class="minor">{text.parts.unknown}</p>
      ) : (
        <>
          <Used of={nearest} over={part.over_age} />
          <p>
            {part.over_age ? text.parts.ended(day(nearest.expected)) : text.parts.ends(day(nearest.expected))}
            {orderBy !== null && ` · ${text.parts.orderBy(day(orderBy), part.lead_time_days)}`}
          </p>
          <p class="minor">
            <Basis of={nearest} />
          </p>
        </>
      )}
      <details class="folded">
        <summary>{text.parts.lives(part.expectations.length)}</summary>
        <ul class="lives">
          {part.expectations.map((each) => (
            <Life key={`${each.aspect}/${each.quantity}/${each.line}`} of={each} />
          ))}
          {verdicts.length > 0 && (
            <li>
              <h3>
                {text.parts.measured} {day(part.inspections[0]!.inspected_on)} · {part.inspections[0]!.inspector}
              </h3>
              {verdicts.map((each) => (
                <Measured key={`${each.quantity}/${each.line}`} of={each} />
              ))}
            </li>
          )}
        </ul>
        <p class="minor">
          {[
            text.parts.installed(day(part.installed_on)),
            text.parts.quantity(part.quantity),
            [part.maker, part.model].filter(Boolean).join(' '),
            part.supplier !== null && `${text.parts.supplier}${text.colon}${part.supplier}`,
            part.warned_at !== null && text.parts.warned(day(part.warned_at.slice(0, 10))),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        <div class="actions part-actions">
          {may(state, 'write:tests') && measurable.has(part.kind) && (
            <button type="button" class="button" onClick={() => inspect(part)}>
              {text.partForm.inspect}
            </button>
          )}
          {may(state, 'write:plant') && (
            <button type="button" class="button" onClick={() => navigate(`/elevators/${elevatorId}/part?replaces=${part.id}`)}>
              {text.partForm.replaceAction}
            </button>
          )}
        </div>
      </details>
    </li>
  );
}

function Used({ of, over }: { readonly of: Expectation; readonly over: boolean }) {
  const { text, locale, say } = useLanguage();
  return (
    <div class="part-used">
      <span>
        {say(of.name)}
        {text.colon}
        {usedWords(of, text, locale)}
      </span>
      <progress class={over ? 'is-over' : ''} max={1} value={usedShare(of)} aria-label={say(of.name)} />
    </div>
  );
}

function Life({ of }: { readonly of: Expectation }) {
  const { text, locale, say } = useLanguage();
  const day = (written: string): string => dayWord(written, locale);
  return (
    <li>
      <h3>
        {say(of.name)} · {text.parts.line[of.line]}
      </h3>
      <p>
        {usedWords(of, text, locale)} · {text.parts.ends(day(of.expected))}
      </p>
      <p class="minor">{of.latest === null ? text.parts.rangeOpen(day(of.earliest)) : text.parts.range(day(of.earliest), day(of.latest))}</p>
      {!of.ends && <p class="minor">{text.parts.early}</p>}
      <p class="minor">
        <Basis of={of} />
      </p>
    </li>
  );
}

function Measured({ of }: { readonly of: PartVerdict }) {
  const { text, locale, say } = useLanguage();
  return (
    <p class={of.passed ? '' : 'is-bad'}>
      {say(of.name)} {amountWords(of.value, of.unit, text, locale)} · {text.parts.line[of.line]} {amountWords(of.expected, of.unit, text, locale)} · {of.passed ? text.parts.within : text.parts.beyond}
      <span class="minor block">
        {text.source(of.standard)} {text.source(of.clause)} ({text.grade[of.grade]})
      </span>
    </p>
  );
}

function Basis({ of }: { readonly of: Expectation }) {
  const { text } = useLanguage();
  return (
    <>
      {text.parts.line[of.line]} · {text.source(of.standard)} {text.source(of.clause)} ({text.grade[of.grade]})
    </>
  );
}
