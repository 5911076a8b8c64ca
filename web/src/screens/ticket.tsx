import { useState } from 'preact/hooks';
import { nearPlace } from '../alarm';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { amend, touch, useResource } from '../resource';
import { may, session } from '../session';
import type { LedgerEntry, Ticket } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { steps } from '../ticket';
import { AlarmRow } from '../ui/alarm-row';
import { Ledger } from '../ui/ledger';
import { Link } from '../ui/link';
import { Moment, MomentButton } from '../ui/moment';
import { Pane, Section } from '../ui/pane';
import { Listing, SkeletonPage, SkeletonRows } from '../ui/states';
import { TicketClockBar } from '../ui/ticket-clock';
import { CloseSheet, RepairedSheet } from '../ui/ticket-sheets';

export function TicketScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const ticket = useResource(sources.ticket(id));
  const allowed = may(useStore(session), 'write:tickets');
  const { data } = ticket;
  return (
    <Pane
      name={`ticket/${id}`}
      title={data === undefined ? text.tickets.number(id) : say(data.title)}
      under={
        data !== undefined && (
          <>
            <Link href={`/equipment/${data.equipment.id}`}>{say(data.equipment.name)}</Link>
            <span class="minor">{nearPlace(say(data.place))}</span>
          </>
        )
      }
      backTo="/tickets"
      {...(data !== undefined && allowed && data.state !== 'closed' ? { action: <Actions ticket={data} /> } : {})}
    >
      <Listing of={ticket} loading={text.ticket.loading} skeleton={<SkeletonPage />}>
        {(found) => <Facts ticket={found} />}
      </Listing>
    </Pane>
  );
}

function Facts({ ticket }: { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const ledger = useResource(sources.ticketLedger(ticket.id));
  const alarms = useResource(ticket.alarm_ids.length === 0 ? null : sources.alarmsOf(ticket.alarm_ids));
  return (
    <div class="ticket-page">
      <div class="ticket-deadline">
        <TicketClockBar ticket={ticket} large />
        <p class="minor">
          {text.ticket.opened} <MomentButton at={ticket.opened_at} siteId={ticket.site.id} /> · <Due ticket={ticket} />
        </p>
      </div>

      <Steps ticket={ticket} ledger={ledger.data ?? []} />

      <dl class="facts">
        <div>
          <dt>{text.ticket.holder}</dt>
          <dd>{ticket.assignee?.name ?? text.tickets.unassigned}</dd>
        </div>
        <div>
          <dt>{text.ticket.cause}</dt>
          <dd>{ticket.cause === 'report' ? text.cause.report : text.cause.alarm}</dd>
        </div>
        {ticket.closing_note !== null && (
          <div>
            <dt>{text.ticket.closingNote}</dt>
            <dd>{ticket.closing_note}</dd>
          </div>
        )}
      </dl>

      <Section title={text.ticket.alarms} aside={ticket.alarm_ids.length > 0 ? ticket.alarm_ids.length : undefined}>
        {ticket.alarm_ids.length === 0 ? (
          <p class="minor">{text.ticket.noAlarms}</p>
        ) : (
          <Listing of={alarms} loading={text.now.loading} skeleton={<SkeletonRows count={1} tall />}>
            {(found) => (
              <>
                <p class="sensor-word">{found.some((alarm) => alarm.active) ? text.ticket.sensorActive : text.ticket.sensorNormal}</p>
                <ul class="rows">
                  {found.map((alarm) => (
                    <AlarmRow key={alarm.id} alarm={alarm} withPlace={false} />
                  ))}
                </ul>
              </>
            )}
          </Listing>
        )}
      </Section>

      <Section title={text.ticket.history}>
        <Listing of={ledger} loading={text.states.loading} skeleton={<SkeletonRows count={3} />}>
          {(entries) => <Ledger entries={entries} siteId={ticket.site.id} />}
        </Listing>
      </Section>
    </div>
  );
}

function Due({ ticket }: { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const [before, after] = text.ticket.due('\0').split('\0');
  return (
    <>
      {before}
      <MomentButton at={ticket.due_at} siteId={ticket.site.id} />
      {after}
    </>
  );
}

/** Where it stands on its way from opened to closed, and when each step was taken. */
function Steps({ ticket, ledger }: { readonly ticket: Ticket; readonly ledger: readonly LedgerEntry[] }) {
  const { text } = useLanguage();
  const reached = steps.indexOf(ticket.state);
  return (
    <ol class="steps">
      {steps.map((step, index) => {
        const entry = index <= reached ? ledger.findLast((each) => each.kind === (step === 'open' ? 'ticket_opened' : `ticket_${step}`)) : undefined;
        return (
          <li key={step} class={index <= reached ? 'is-done' : ''} aria-current={index === reached ? 'step' : undefined}>
            <span class="step-name">{text.ticketStep[step]}</span>
            <span class="minor">{entry !== undefined && <Moment at={entry.occurred_at} siteId={ticket.site.id} />}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Actions({ ticket }: { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const [sheet, setSheet] = useState<'repaired' | 'close' | null>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const mine = state.phase === 'in' && ticket.assignee?.id === state.person.id;

  async function take(work: Promise<Ticket>): Promise<boolean> {
    setSending(true);
    setFailure(null);
    try {
      const changed = await work;
      amend<Ticket>(`tickets/${ticket.id}`, () => changed);
      for (const name of ['tickets/open', 'tickets/mine', 'tickets/all', `tickets/${ticket.id}/ledger`, `equipment/${ticket.equipment.id}/tickets`]) touch(name);
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

  const accept = (label: string, style: string) => (
    <button type="button" class={`button large ${style}`} disabled={sending} onClick={() => void take(api.accept(ticket.id))}>
      {sending && sheet === null ? text.ticket.sending : label}
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
        {ticket.state === 'open' && accept(text.ticket.accept, 'primary')}
        {ticket.state === 'accepted' && !mine && accept(text.ticket.takeOver, '')}
        {ticket.state === 'accepted' && (
          <button type="button" class="button large primary" onClick={() => setSheet('repaired')}>
            {text.ticket.repaired}
          </button>
        )}
        {ticket.state === 'repaired' && accept(text.ticket.takeUpAgain, '')}
        {ticket.state === 'repaired' && (
          <button type="button" class="button large primary" onClick={() => setSheet('close')}>
            {text.ticket.close}
          </button>
        )}
      </div>
      {sheet === 'repaired' && <RepairedSheet sending={sending} failure={failure} close={leave} submit={(note) => void settle(take(api.repaired(ticket.id, note)))} />}
      {sheet === 'close' && <CloseSheet ticket={ticket} sending={sending} failure={failure} close={leave} submit={(note) => void settle(take(api.close(ticket.id, note)))} />}
    </>
  );

  function leave(): void {
    setSheet(null);
    setFailure(null);
  }

  async function settle(work: Promise<boolean>): Promise<void> {
    if (await work) setSheet(null);
  }
}
