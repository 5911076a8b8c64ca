import { useLanguage } from '../language';
import type { Resource } from '../resource';
import type { Balance, DeviceAccount, Slot } from '../shapes';
import { Section } from './pane';
import { Empty, Listing, SkeletonRows } from './states';

/** The books: what was received on the left of the equation, what became of it on the right, in all and by device. */
export function BalancePart({ books }: { readonly books: Resource<Balance> }) {
  const { text } = useLanguage();
  return (
    <Listing of={books} loading={text.ingest.loading} skeleton={<SkeletonRows count={4} />}>
      {(data) => (
        <>
          <Sum books={data} />
          <Section title={text.ingest.workers}>
            <dl class="facts">
              {data.slots.map((slot) => (
                <div key={slot.slot}>
                  <dt>{text.ingest.slot(slot.slot)}</dt>
                  <dd>
                    {stateOf(slot, text.ingest)} <span class="minor">{slot.holder}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </Section>
          <Section title={text.ingest.devices} aside={data.devices.items.length}>
            {data.devices.items.length === 0 ? <Empty>{text.ingest.noDevices}</Empty> : <Devices devices={data.devices.items} />}
            {data.devices.next_cursor !== null && <p class="minor">{text.states.cut(data.devices.items.length)}</p>}
          </Section>
        </>
      )}
    </Listing>
  );
}

function Sum({ books }: { readonly books: Balance }) {
  const { text, locale } = useLanguage();
  const { totals, broker } = books;
  const number = (count: number | null): string => (count === null ? text.ingest.untold : count.toLocaleString(locale));
  const lost = broker.dropped !== null && broker.dropped > 0;
  return (
    <dl class="books">
      <div class="books-total">
        <dt>{text.ingest.received}</dt>
        <dd>{number(totals.received)}</dd>
      </div>
      <div>
        <dt>{text.ingest.stored}</dt>
        <dd>{number(totals.stored)}</dd>
      </div>
      <div>
        <dt>{text.ingest.duplicate}</dt>
        <dd>{number(totals.duplicate)}</dd>
      </div>
      <div>
        <dt>{text.ingest.rejected}</dt>
        <dd>{number(totals.rejected)}</dd>
      </div>
      <div>
        <dt>{text.ingest.inFlight}</dt>
        <dd>{number(totals.in_flight)}</dd>
      </div>
      <div class={`books-total${totals.difference === 0 ? '' : ' is-off'}`}>
        <dt>{text.ingest.difference}</dt>
        <dd>{number(totals.difference)}</dd>
      </div>
      <div class={lost ? 'is-off' : ''}>
        <dt>
          {text.ingest.dropped}
          {lost && <span class="minor">{text.ingest.droppedMore}</span>}
        </dt>
        <dd>{number(broker.dropped)}</dd>
      </div>
      <div>
        <dt>{text.ingest.waiting}</dt>
        <dd>{number(broker.waiting)}</dd>
      </div>
    </dl>
  );
}

function stateOf(slot: Slot, words: { readonly serving: string; readonly unconnected: string; readonly silent: string }): string {
  if (!slot.alive) return words.silent;
  return slot.connected ? words.serving : words.unconnected;
}

/** Those first of which something is missing or was not stored. */
function Devices({ devices }: { readonly devices: readonly DeviceAccount[] }) {
  const { text, locale } = useLanguage();
  const number = (count: number): string => count.toLocaleString(locale);
  const trouble = (each: DeviceAccount): number => Math.abs(each.difference) + each.missing + each.rejected;
  const sorted = [...devices].sort((one, other) => Number(trouble(other) > 0) - Number(trouble(one) > 0) || one.code.localeCompare(other.code));
  return (
    <ul class="rows">
      {sorted.map((each) => (
        <li key={each.id} class="plain-row">
          <strong>{each.code}</strong>
          <span>{text.ingest.ofReceived(number(each.stored), number(each.received))}</span>
          <span class="minor">
            {[
              each.difference === 0 ? '' : text.ingest.adrift(Math.abs(each.difference)),
              each.missing === 0 ? '' : text.ingest.missing(number(each.missing)),
              each.rejected === 0 ? '' : text.ingest.notStored(number(each.rejected)),
              each.duplicate === 0 ? '' : text.ingest.twice(number(each.duplicate)),
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </span>
        </li>
      ))}
    </ul>
  );
}
