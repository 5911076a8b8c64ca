import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useLanguage } from '../language';
import { explain, type Failure } from '../problem';
import { Sheet, SheetActions } from './sheet';

export interface SheetProps {
  readonly sending: boolean;
  readonly failure: Failure | null;
  readonly close: () => void;
  readonly submit: (note: string) => void;
}

interface NoteSheetProps extends SheetProps {
  readonly title: string;
  readonly label: string;
  readonly hint: string;
  readonly action: string;
  readonly ready?: boolean;
  readonly children?: ComponentChildren;
}

/** A step that needs words: no note, nothing is sent. */
export function NoteSheet({ title, label, hint, action, ready = true, sending, failure, close, submit, children }: NoteSheetProps) {
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
        <SheetActions action={sending ? text.ticket.sending : action} close={close} disabled={sending || !ready} />
      </form>
    </Sheet>
  );
}
