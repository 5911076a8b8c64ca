import { nearPlace } from '../alarm';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { may, session } from '../session';
import type { LedgerEntry, Ticket } from '../shapes';
import * as sources from '../sources';
import type { Dictionary } from '../text';
import { useStore } from '../store';
import { askedHold, reachedStep, steps } from '../ticket';
import { duration } from '../time';
import { AlarmRow } from '../ui/alarm-row';
import { Ledger } from '../ui/ledger';
import { Link } from '../ui/link';
import { Moment, MomentButton } from '../ui/moment';
import { Pane, Section } from '../ui/pane';
import { Listing, SkeletonPage, SkeletonRows } from '../ui/states';
import { TicketClockBar } from '../ui/ticket-clock';
import { settleTicket, TicketActions } from '../ui/ticket-actions';
import { TicketPhotos } from '../ui/ticket-photos';
import { Back, CallAfter, LateReasons } from '../ui/ticket-words';

export function TicketScreen({ id }: { readonly id: number }) {
  const { text, say } = useLanguage();
  const manySites = sources.useManySites();
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
            <span class="minor">{nearPlace(say(data.place), manySites)}</span>
          </>
        )
      }
      backTo="/tickets"
      {...(data !== undefined && allowed && data.state !== 'closed' ? { action: <TicketActions ticket={data} /> } : {})}
    >
      <Listing of={ticket} loading={text.ticket.loading} skeleton={<SkeletonPage />}>
        {(found) => <Facts ticket={found} allowed={allowed} />}
      </Listing>
    </Pane>
  );
}

function Facts({ ticket, allowed }: { readonly ticket: Ticket; readonly allowed: boolean }) {
  const { text } = useLanguage();
  const ledger = useResource(sources.ticketLedger(ticket.id));
  const alarms = useResource(ticket.alarm_ids.length === 0 ? null : sources.alarmsOf(ticket.alarm_ids));
  const call = ticket.follow_ups?.find((each) => each.done_at === null);
  return (
    <div class="ticket-page">
      <div class="ticket-deadline">
        <TicketClockBar ticket={ticket} large />
        <p class="minor">
          {text.ticket.opened} <MomentButton at={ticket.opened_at} siteId={ticket.site.id} /> · <Due ticket={ticket} />
        </p>
      </div>

      <Steps ticket={ticket} ledger={ledger.data ?? []} />

      <HoldNote ticket={ticket} />

      {ticket.closed_before != null && (
        <p class="note">
          <Link href={`/tickets/${ticket.closed_before}`}>{text.ticketWork.closedBefore(text.tickets.number(ticket.closed_before))}</Link>
        </p>
      )}

      <dl class="facts">
        <div>
          <dt>{text.ticket.holder}</dt>
          <dd>{ticket.assignee?.name ?? text.tickets.unassigned}</dd>
        </div>
        <div>
          <dt>{text.ticket.cause}</dt>
          <dd>{causeOf(ticket, text)}</dd>
        </div>
        {ticket.resident_phone != null && (
          <div>
            <dt>{text.tickets.residentPhone}</dt>
            <dd>
              <a href={`tel:${ticket.resident_phone}`}>{ticket.resident_phone}</a>
            </dd>
          </div>
        )}
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
                <p class="sensor-word">{ticket.sensors === undefined ? text.ticket.loading : text.ticketWork.sensors[ticket.sensors]}</p>
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

      {ticket.overdue && <LateReasons ticket={ticket} ledger={ledger.data ?? []} />}

      {allowed && <Back ticket={ticket} />}

      {call !== undefined && allowed && <CallAfter ticket={ticket} call={call} />}

      <TicketPhotos ticket={ticket} canAdd={allowed && ticket.state !== 'closed'} changed={settleTicket} />

      <Section title={text.ticket.history}>
        <Listing of={ledger} loading={text.states.loading} skeleton={<SkeletonRows count={3} />}>
          {(entries) => <Ledger entries={entries} siteId={ticket.site.id} />}
        </Listing>
      </Section>
    </div>
  );
}

/** What opened it: a person, a failed test or check, a missed duty, else an alarm. */
function causeOf(ticket: Ticket, text: Dictionary): string {
  if (ticket.by_resident) return text.tickets.residentReport;
  if (ticket.cause === 'report') return text.cause.report;
  if (ticket.cause === 'check-failed' || ticket.cause === 'elevator-test-failed') return text.cause.failed;
  return ticket.class === 'duty_overdue' ? text.cause.missed : text.cause.alarm;
}

/** Who has asked for a hold and what is done meanwhile; or until when it is on hold, and how long it has been in all. */
function HoldNote({ ticket }: { readonly ticket: Ticket }) {
  const { text } = useLanguage();
  const asked = askedHold(ticket);
  const standing = ticket.state === 'on_hold' ? ticket.holds?.findLast((hold) => hold.approved) : undefined;
  const hold = asked ?? standing;
  if (hold === undefined) return ticket.on_hold_s > 0 ? <p class="minor">{text.ticketWork.heldFor(duration(ticket.on_hold_s * 1000, text))}</p> : null;
  return (
    <div class="note hold-note">
      <p>
        <strong>{asked === undefined ? text.ticketStep.on_hold : text.ticketWork.holdAsked(hold.asked_by.name)}</strong>
        {asked !== undefined && <span class="minor"> · {text.ticketWork.holdWaits}</span>}
      </p>
      <p>{hold.note}</p>
      <p>{text.ticketWork.holdSubstituteIs(hold.substitute)}</p>
      <p class="minor">
        {text.ticketWork.holdLasts} <MomentButton at={ticket.held_until ?? hold.until} siteId={ticket.site.id} />
      </p>
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

const stepKind: Readonly<Record<string, string>> = {
  open: 'ticket_opened', accepted: 'ticket_accepted', on_site: 'ticket_arrived', repaired: 'ticket_repaired', verified: 'ticket_verified', closed: 'ticket_closed',
};

/** Where it stands on its way from opened to closed, and when each step was taken. */
function Steps({ ticket, ledger }: { readonly ticket: Ticket; readonly ledger: readonly LedgerEntry[] }) {
  const { text } = useLanguage();
  const reached = reachedStep(ticket.state);
  return (
    <ol class="steps">
      {steps.map((step, index) => {
        const entry = index <= reached ? ledger.findLast((each) => each.kind === stepKind[step]) : undefined;
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
