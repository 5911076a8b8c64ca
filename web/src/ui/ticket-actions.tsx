import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { amend, touch } from '../resource';
import { session } from '../session';
import type { Ticket } from '../shapes';
import { useStore } from '../store';
import { askedHold, unconfirmed } from '../ticket';
import { CloseSheet, ExceptionSheet, HoldSheet, RefuseSheet, RepairedSheet, VerifySheet } from './ticket-sheets';

type Step = 'repaired' | 'close' | 'hold' | 'refuse' | 'verify' | 'exception';

/** Let the lists and the page show what a ticket has become. */
export function settleTicket(changed: Ticket): void {
  amend<Ticket>(`tickets/${changed.id}`, () => changed);
  for (const name of ['tickets/open', 'tickets/mine', 'tickets/all', 'tickets/calls', `tickets/${changed.id}/ledger`, `equipment/${changed.equipment.id}/tickets`]) touch(name);
}

/** What this person can do next with a ticket; the step that leads on stands at the thumb. */
export function TicketActions({ ticket }: { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const [sheet, setSheet] = useState<Step | null>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const me = state.phase === 'in' ? state.person : null;
  const mine = me !== null && ticket.assignee?.id === me.id;
  const leads = me?.role === 'manager' || me?.role === 'admin';
  const ours = me?.role !== 'contractor';
  const other = !mine && ticket.repaired_by?.id !== me?.id;
  const hold = askedHold(ticket);
  const working = ticket.state === 'accepted' || ticket.state === 'on_site';
  const confirmed = ticket.sensors === 'normal';

  async function take(work: Promise<Ticket>): Promise<boolean> {
    setSending(true);
    setFailure(null);
    try {
      settleTicket(await work);
      return true;
    } catch (error) {
      const why = failureOf(error);
      setFailure(why);
      // Somebody was quicker: show how it stands now, beside the words that say so.
      if (why.kind === 'refused' && why.status === 409) touch(`tickets/${ticket.id}`);
      return false;
    } finally {
      setSending(false);
    }
  }

  const now = (label: string, style: string, work: () => Promise<Ticket>) => (
    <button type="button" class={`button large ${style}`} disabled={sending} onClick={() => void take(work())}>
      {sending && sheet === null ? text.ticket.sending : label}
    </button>
  );
  const later = (label: string, style: string, step: Step) => (
    <button type="button" class={`button large ${style}`} disabled={sending} onClick={() => setSheet(step)}>
      {label}
    </button>
  );

  return (
    <>
      {failure !== null && sheet === null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      <div class="actions">
        {ticket.state === 'open' && now(text.ticket.accept, 'primary', () => api.accept(ticket.id))}
        {working && !mine && now(text.ticket.takeOver, '', () => api.accept(ticket.id))}
        {working && hold !== undefined && leads && hold.asked_by.id !== me?.id && !mine && (
          <>
            {later(text.ticketWork.holdRefuse, '', 'refuse')}
            {now(text.ticketWork.holdApprove, 'primary', () => api.approveHold(ticket.id, hold.id))}
          </>
        )}
        {working && mine && hold === undefined && later(text.ticketWork.hold, '', 'hold')}
        {ticket.state === 'accepted' && mine && now(text.ticketWork.arrive, 'primary', () => api.arrive(ticket.id))}
        {working && mine && later(text.ticket.repaired, ticket.state === 'on_site' ? 'primary' : '', 'repaired')}
        {ticket.state === 'on_hold' && (mine || leads) && now(text.ticketWork.resume, 'primary', () => api.resumeTicket(ticket.id))}
        {(ticket.state === 'repaired' || ticket.state === 'verified') && now(text.ticket.takeUpAgain, '', () => api.accept(ticket.id))}
        {ticket.state === 'repaired' && !confirmed && ours && other && !unconfirmed(ticket) && later(text.ticketWork.verify, 'primary', 'verify')}
        {ticket.state === 'repaired' && unconfirmed(ticket) && leads && other && later(text.ticketWork.exception, '', 'exception')}
        {ours && (ticket.state === 'verified' || (ticket.state === 'repaired' && confirmed)) && later(text.ticket.close, 'primary', 'close')}
      </div>
      {sheet === 'repaired' && <RepairedSheet {...common()} submit={(note) => settle(api.repaired(ticket.id, note))} />}
      {sheet === 'close' && <CloseSheet {...common()} ticket={ticket} submit={(note) => settle(api.close(ticket.id, note))} />}
      {sheet === 'verify' && <VerifySheet {...common()} submit={(note) => settle(api.verify(ticket.id, note))} />}
      {sheet === 'exception' && <ExceptionSheet {...common()} submit={(note, password) => settle(api.signException(ticket.id, note, password))} />}
      {sheet === 'hold' && <HoldSheet {...common()} siteId={ticket.site.id} submit={(note, substitute, until) => settle(api.askHold(ticket.id, note, substitute, until))} />}
      {sheet === 'refuse' && hold !== undefined && <RefuseSheet {...common()} submit={(note) => settle(api.refuseHold(ticket.id, hold.id, note))} />}
    </>
  );

  function common() {
    return { sending, failure, close: leave };
  }

  function leave(): void {
    setSheet(null);
    setFailure(null);
  }

  function settle(work: Promise<Ticket>): void {
    void take(work).then((done) => {
      if (done) setSheet(null);
    });
  }
}
