import { useLanguage } from '../language';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import type { Balance } from '../shapes';
import { balance, unknownDevices } from '../sources';
import { useStore } from '../store';
import { BalancePart } from '../ui/balance';
import { DeadLetters } from '../ui/dead-letters';
import { Pane } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { UnknownDevices } from '../ui/unknown-devices';

const parts = ['balance', 'letters', 'unknown'] as const;
type Part = (typeof parts)[number];

/** Whether everything that was sent is accounted for, what could not be stored, and who speaks without being known. */
export function IngestScreen() {
  const { text } = useLanguage();
  const books = useResource(balance);
  const unknown = useResource(unknownDevices);
  const asked = useStore(place).query.get('part');
  const part: Part = parts.find((each) => each === asked) ?? 'balance';
  const heard = unknown.data?.length ?? 0;
  return (
    <Pane name="ingest" backTo="/me" title={books.data === undefined ? text.ingest.title : <Headline books={books.data} />}>
      <Segmented
        label={text.ingest.part}
        name="part"
        value={part}
        options={parts.map((value) => ({ value, label: text.ingest[value], count: value === 'unknown' && heard > 0 ? heard : undefined }))}
        choose={(value) => navigate(value === 'balance' ? '/ingest' : `/ingest?part=${value}`, 'replace')}
      />
      <div class="section">
        {part === 'balance' && <BalancePart books={books} />}
        {part === 'letters' && <DeadLetters />}
        {part === 'unknown' && <UnknownDevices unknown={unknown} />}
      </div>
    </Pane>
  );
}

function Headline({ books }: { readonly books: Balance }) {
  const { text } = useLanguage();
  const adrift = adriftIn(books);
  if (adrift > 0) return <>{text.ingest.adrift(adrift)}</>;
  return <>{books.slots.some((slot) => slot.alive && slot.connected) ? text.ingest.allThere : text.ingest.stopped}</>;
}

/** Values, and messages of the slots, that nobody can account for. */
export function adriftIn(books: Balance): number {
  return Math.abs(books.totals.difference) + books.slots.reduce((sum, slot) => sum + Math.abs(slot.difference), 0);
}
