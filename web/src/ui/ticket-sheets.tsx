import { useState } from 'preact/hooks';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import type { Ticket } from '../shapes';
import { alarmsOf, zoneOf } from '../sources';
import { momentOf } from '../time';
import { NoteSheet, type SheetProps } from './note-sheet';

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

export function VerifySheet(props: SheetProps) {
  const { text } = useLanguage();
  return <NoteSheet {...props} title={text.ticketWork.verifyTitle} label={text.ticketWork.verifyNote} hint={text.ticketWork.verifyHint} action={text.ticketWork.verifySubmit} />;
}

export function RefuseSheet(props: SheetProps) {
  const { text } = useLanguage();
  return <NoteSheet {...props} title={text.ticketWork.holdRefuseTitle} label={text.ticketWork.holdRefuseNote} hint={text.ticketWork.holdRefuseHint} action={text.ticketWork.holdRefuseSubmit} />;
}

/** Signed with the own password: a phone that lies about unlocked signs nothing. */
export function ExceptionSheet({ submit, ...props }: Omit<SheetProps, 'submit'> & { readonly submit: (note: string, password: string) => void }) {
  const { text } = useLanguage();
  const [password, setPassword] = useState('');
  return (
    <NoteSheet
      {...props}
      title={text.ticketWork.exceptionTitle}
      label={text.ticketWork.exceptionNote}
      hint={text.ticketWork.exceptionHint}
      action={text.ticketWork.exceptionSubmit}
      ready={password !== ''}
      submit={(note) => submit(note, password)}
    >
      <label class="field">
        <span>{text.ticketWork.password}</span>
        <input type="password" autocomplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} />
      </label>
    </NoteSheet>
  );
}

/** A hold needs the part that is waited for, what is done meanwhile, and an end. */
export function HoldSheet({ siteId, submit, ...props }: Omit<SheetProps, 'submit'> & { readonly siteId: number; readonly submit: (note: string, substitute: string, until: string) => void }) {
  const { text } = useLanguage();
  const [substitute, setSubstitute] = useState('');
  const [until, setUntil] = useState('');
  return (
    <NoteSheet
      {...props}
      title={text.ticketWork.holdTitle}
      label={text.ticketWork.holdReason}
      hint={text.ticketWork.holdHint}
      action={text.ticketWork.holdAsk}
      ready={substitute.trim() !== '' && until !== ''}
      submit={(note) => submit(note, substitute.trim(), new Date(momentOf(until, zoneOf(siteId))).toISOString())}
    >
      <label class="field">
        <span>{text.ticketWork.holdSubstitute}</span>
        <textarea rows={2} value={substitute} onInput={(event) => setSubstitute(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{text.ticketWork.holdUntil}</span>
        <input type="datetime-local" value={until} onInput={(event) => setUntil(event.currentTarget.value)} />
      </label>
    </NoteSheet>
  );
}
