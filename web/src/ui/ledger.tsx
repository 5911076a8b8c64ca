import { useLanguage } from '../language';
import type { LedgerEntry } from '../shapes';
import { word, type Dictionary } from '../text';
import { MomentButton } from './moment';

/** What happened, in the order in which it was recorded; nothing here can be changed or taken away. */
export function Ledger({ entries, siteId }: { readonly entries: readonly LedgerEntry[]; readonly siteId: number }) {
  const { text } = useLanguage();
  if (entries.length === 0) return <p class="minor">{text.alarm.noLedger}</p>;
  return (
    <ol class="ledger">
      {entries.map((entry) => (
        <li key={entry.id}>
          <MomentButton at={entry.occurred_at} siteId={siteId} />
          <div>
            <span class="ledger-kind">{kindOf(entry, text)}</span> <span class="minor">{entry.actor?.name ?? text.alarm.nobody}</span>
            {remark(entry) !== null && <p class="ledger-remark">{remark(entry)}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Hours worked and parts used: 1.5 h · Lock × 2 pcs. */
function work({ hours, parts }: LedgerEntry['body']): string {
  const used = (parts as readonly Part[]).map((part) => `${part.name} × ${part.quantity} ${part.unit}`);
  return [`${String(hours)} h`, ...used].join(' · ');
}

interface Part {
  readonly name: string;
  readonly quantity: number;
  readonly unit: string;
}

/** What happened; of a clock's mark which one. */
function kindOf(entry: LedgerEntry, text: Dictionary): string {
  return word(text.ledger, `${entry.kind}_${String(entry.body['mark'])}`) ?? word(text.ledger, entry.kind) ?? entry.kind;
}

function remark(entry: LedgerEntry): string | null {
  if (entry.kind === 'ticket_worked') return work(entry.body);
  for (const said of [entry.reason, entry.body['note'], entry.body['comment']]) if (typeof said === 'string' && said !== '') return said;
  return null;
}
