import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useLanguage } from '../language';
import { explain, type Failure } from '../problem';
import { useResource } from '../resource';
import type { Ticket } from '../shapes';
import { alarmsOf } from '../sources';
import { Sheet } from './sheet';

interface SheetProps {
  readonly sending: boolean;
  readonly failure: Failure | null;
  readonly close: () => void;
  readonly submit: (note: string) => void;
}

export function RepairedSheet(props: SheetProps) {
  const { text } = useLanguage();
  return <NoteSheet {...props} title={text.ticket.repairedTitle} label={text.ticket.repairedNote} hint={text.ticket.repairedHint} action={text.ticket.repaired} />;
}

/** Closing is signed: a conclusion in words, and a mark that it was verified, before the button works. */
export function CloseSheet({ ticket, ...props }: SheetProps & { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const [verified, setVerified] = useState(false);
  const alarms = useResource(ticket.alarm_ids.length === 0 ? null : alarmsOf(ticket.alarm_ids));
  const active = alarms.data?.some((alarm) => alarm.active) ?? false;
  return (
    <NoteSheet {...props} title={text.ticket.closeTitle} label={text.ticket.closeNote} hint={text.ticket.closeHint} action={text.ticket.closeSubmit} ready={verified}>
      {active && <p class="note strong">{text.ticket.closeStillActive}</p>}
      <label class="check">
        <input type="checkbox" checked={verified} onChange={(event) => setVerified(event.currentTarget.checked)} />
        <span>{text.ticket.closeCheck}</span>
      </label>
    </NoteSheet>
  );
}

interface NoteSheetProps extends SheetProps {
  readonly title: string;
  readonly label: string;
  readonly hint: string;
  readonly action: string;
  readonly ready?: boolean;
  readonly children?: ComponentChildren;
}

function NoteSheet({ title, label, hint, action, ready = true, sending, failure, close, submit, children }: NoteSheetProps) {
  const { text } = useLanguage();
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState(false);
  const id = useId();
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    setMissing(note.trim() === '');
    if (note.trim() !== '' && ready && !sending) submit(note.trim());
  };
  return (
    <Sheet title={title} close={close}>
      <form onSubmit={send} noValidate>
        <label class="field">
          <span>{label}</span>
          <textarea rows={3} value={note} aria-describedby={`${id}-hint`} aria-invalid={missing} onInput={(event) => setNote(event.currentTarget.value)} />
        </label>
        <p id={`${id}-hint`} class={missing ? 'fault' : 'minor'}>
          {missing ? text.ticket.required : hint}
        </p>
        {children}
        {failure !== null && (
          <p class="fault" role="alert">
            {explain(failure, text)}
          </p>
        )}
        <div class="actions">
          <button type="button" class="button large" onClick={close}>
            {text.ticket.cancel}
          </button>
          <button type="submit" class="button large primary" disabled={sending || !ready}>
            {sending ? text.ticket.sending : action}
          </button>
        </div>
      </form>
    </Sheet>
  );
}
