import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { touch } from '../resource';
import { navigate } from '../route';
import type { Equipment } from '../shapes';
import { Sheet, SheetActions } from './sheet';

/** Open a ticket by hand: a fault that no sensor sees. */
export function ReportSheet({ equipment, close }: { readonly equipment: Equipment; readonly close: () => void }) {
  const { text, say } = useLanguage();
  const [what, setWhat] = useState('');
  const [more, setMore] = useState('');
  const [missing, setMissing] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function send(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setMissing(what.trim() === '');
    if (what.trim() === '' || sending) return;
    setSending(true);
    setFailure(null);
    try {
      const ticket = await api.report(equipment.id, what.trim(), more.trim() || what.trim());
      for (const name of ['tickets/open', 'tickets/mine', 'tickets/all', `equipment/${equipment.id}/tickets`, 'equipment', `equipment/${equipment.id}`]) touch(name);
      navigate(`/tickets/${ticket.id}`);
    } catch (error) {
      setFailure(failureOf(error));
      setSending(false);
    }
  }

  return (
    <Sheet title={`${text.equipment.reportTitle}${text.colon}${say(equipment.name)}`} close={close}>
      <form onSubmit={(event) => void send(event)} noValidate>
        <label class="field">
          <span>{text.equipment.reportWhat}</span>
          <input value={what} maxLength={200} placeholder={text.equipment.reportHint} aria-invalid={missing} onInput={(event) => setWhat(event.currentTarget.value)} />
        </label>
        {missing && (
          <p class="fault" role="alert">
            {text.ticket.required}
          </p>
        )}
        <label class="field">
          <span>{text.equipment.reportMore}</span>
          <textarea rows={3} value={more} onInput={(event) => setMore(event.currentTarget.value)} />
        </label>
        {failure !== null && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <SheetActions action={sending ? text.ticket.sending : text.equipment.reportSubmit} close={close} disabled={sending} />
      </form>
    </Sheet>
  );
}
