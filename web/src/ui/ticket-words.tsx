import { useState } from 'preact/hooks';
import { api } from '../api';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { failureOf, type Failure } from '../problem';
import { session } from '../session';
import type { FollowUp, LedgerEntry, Ticket } from '../shapes';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { clock } from '../time';
import { Ledger } from './ledger';
import { NoteSheet } from './note-sheet';
import { Section } from './pane';
import { settleTicket } from './ticket-actions';

const REOPENS_WITHIN_MS = 72 * 3_600_000;

/** Why a late ticket is late, as those say who answer for it. */
export function LateReasons({ ticket, ledger }: { readonly ticket: Ticket; readonly ledger: readonly LedgerEntry[] }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const words = text.ticketWork;
  const sheet = useSheet();
  const me = state.phase === 'in' ? state.person : null;
  const answers = me !== null && (me.id === ticket.assignee?.id || me.role === 'manager' || me.role === 'admin');
  const said = ledger.filter((entry) => entry.kind === 'ticket_explained');
  return (
    <Section title={words.late}>
      {said.length === 0 ? <p class="minor">{words.lateNone}</p> : <Ledger entries={said} siteId={ticket.site.id} />}
      {answers && (
        <button type="button" class="button" onClick={sheet.open}>
          {words.lateSay}
        </button>
      )}
      {sheet.shown && (
        <NoteSheet
          {...sheet.common}
          title={words.late}
          label={words.lateNote}
          hint={words.lateHint}
          action={words.lateSubmit}
          submit={(note) => sheet.send(api.explainLate(ticket.id, note))}
        />
      )}
    </Section>
  );
}

/** Whoever reported it is called after the closing: whom, until when, and what was said. */
export function CallAfter({ ticket, call }: { readonly ticket: Ticket; readonly call: FollowUp }) {
  const { text, locale } = useLanguage();
  const words = text.ticketWork;
  const sheet = useSheet();
  const [satisfied, setSatisfied] = useState<boolean | null>(null);
  const due = clock(Date.parse(call.due_at), useNow(), locale, zoneOf(ticket.site.id));
  return (
    <Section title={words.call}>
      <p>
        {ticket.contact !== null && `${ticket.contact} · `}
        {ticket.resident_phone != null && (
          <>
            <a href={`tel:${ticket.resident_phone}`}>{ticket.resident_phone}</a> ·{' '}
          </>
        )}
        <span class="minor">{words.callDue(due)}</span>
      </p>
      <button type="button" class="button" onClick={sheet.open}>
        {words.callNow}
      </button>
      {sheet.shown && (
        <NoteSheet
          {...sheet.common}
          title={words.call}
          label={words.callNote}
          hint={words.callHint}
          action={words.callSubmit}
          ready={satisfied !== null}
          submit={(note) => sheet.send(api.followUp(ticket.id, note, satisfied === true))}
        >
          {[true, false].map((each) => (
            <label key={String(each)} class="check">
              <input type="radio" name="satisfied" checked={satisfied === each} onChange={() => setSatisfied(each)} />
              <span>{each ? words.callYes : words.callNo}</span>
            </label>
          ))}
        </NoteSheet>
      )}
    </Section>
  );
}

/** For three days after its closing whoever finds that it was not repaired, or is back, opens it again; its clock goes on. */
export function Back({ ticket }: { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const words = text.ticketWork;
  const sheet = useSheet();
  const now = useNow();
  if (ticket.closed_at === null || now - Date.parse(ticket.closed_at) >= REOPENS_WITHIN_MS) return null;
  return (
    <div class="actions">
      <button type="button" class="button" onClick={sheet.open}>
        {words.back}
      </button>
      {sheet.shown && (
        <NoteSheet
          {...sheet.common}
          title={words.backTitle}
          label={words.backNote}
          hint={words.backHint}
          action={words.backSubmit}
          submit={(note) => sheet.send(api.reopen(ticket.id, note))}
        />
      )}
    </div>
  );
}

/** A sheet whose words change a ticket: it closes when they have arrived, and says so when not. */
function useSheet() {
  const [shown, setShown] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const close = (): void => {
    setShown(false);
    setFailure(null);
  };
  async function take(work: Promise<Ticket>): Promise<void> {
    setSending(true);
    setFailure(null);
    try {
      settleTicket(await work);
      close();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  }
  return { shown, open: () => setShown(true), common: { sending, failure, close }, send: (work: Promise<Ticket>) => void take(work) };
}
