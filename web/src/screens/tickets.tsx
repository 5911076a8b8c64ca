import { useLanguage } from '../language';
import { useResource } from '../resource';
import { navigate, place } from '../route';
import type { Ticket } from '../shapes';
import { allTickets, callsDue, myTickets, openTickets, zoneOf } from '../sources';
import { useStore } from '../store';
import { byUrgency, clockOf } from '../ticket';
import { useNow } from '../clock';
import { clock } from '../time';
import { may, session } from '../session';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { Segmented } from '../ui/segmented';
import { Empty, Listing, SkeletonRows } from '../ui/states';
import { TicketRow } from '../ui/ticket-row';

type Which = 'open' | 'mine' | 'all';
const listed = { open: openTickets, mine: myTickets, all: allTickets } as const;

export function TicketsScreen() {
  const { text } = useLanguage();
  const { path, query } = useStore(place);
  const which = chosen(query.get('show'));
  const tickets = useResource(listed[which]);
  const open = useResource(openTickets);
  const mine = useResource(myTickets);
  return (
    <Pane name={`tickets/${which}`} title={<Headline tickets={open.data} />}>
      <Segmented
        label={text.tickets.filter}
        name="tickets"
        value={which}
        options={[
          { value: 'open', label: text.tickets.open, count: open.data?.length },
          { value: 'mine', label: text.tickets.mine, count: mine.data?.length },
          { value: 'all', label: text.tickets.all },
        ]}
        choose={(value) => navigate(value === 'open' ? path : `${path}?show=${value}`, 'replace')}
      />
      <Listing
        of={tickets}
        loading={text.tickets.loading}
        skeleton={<SkeletonRows count={4} tall />}
        isEmpty={(data) => data.length === 0}
        empty={which === 'open' ? <Empty>{text.tickets.emptyMore}</Empty> : <Empty title={which === 'mine' ? text.tickets.emptyMine : text.tickets.emptyAll}>{text.tickets.emptyMore}</Empty>}
      >
        {(data) => {
          const sorted = byUrgency(data);
          const running = sorted.filter((ticket) => ticket.closed_at === null);
          const closed = sorted.filter((ticket) => ticket.closed_at !== null);
          return (
            <>
              <Rows tickets={running} />
              {closed.length > 0 && (
                <Section title={text.ticketState.closed} aside={closed.length}>
                  <Rows tickets={closed} />
                </Section>
              )}
            </>
          );
        }}
      </Listing>
      {which === 'open' && <Calls />}
    </Pane>
  );
}

function Rows({ tickets }: { readonly tickets: readonly Ticket[] }) {
  if (tickets.length === 0) return null;
  return (
    <ul class="rows">
      {tickets.map((ticket) => (
        <TicketRow key={ticket.id} ticket={ticket} />
      ))}
    </ul>
  );
}

/** Whom somebody has yet to call after the closing, the most urgent first. */
function Calls() {
  const { text, say, locale } = useLanguage();
  const now = useNow();
  const allowed = may(useStore(session), 'write:tickets');
  const calls = useResource(allowed ? callsDue : null).data ?? [];
  if (calls.length === 0) return null;
  const sorted = [...calls].sort((a, b) => dueOf(a) - dueOf(b));
  return (
    <Section title={text.ticketWork.calls} aside={calls.length}>
      <ul class="rows">
        {sorted.map((ticket) => (
          <li key={ticket.id} class="ticket-row">
            <div class="ticket-row-top">
              <span class={dueOf(ticket) < now ? 'ticket-state late' : 'ticket-state'}>{text.ticketWork.callDue(clock(dueOf(ticket), now, locale, zoneOf(ticket.site.id)))}</span>
              {ticket.contact !== null && <span class="minor">{ticket.contact}</span>}
              <span class="ticket-number minor">{text.tickets.number(ticket.id)}</span>
            </div>
            <Link href={`/tickets/${ticket.id}`} class="row-link">
              {`${say(ticket.equipment.name)}${text.colon}${say(ticket.title)}`}
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function dueOf(ticket: Ticket): number {
  return Date.parse(ticket.call_due_at ?? ticket.due_at);
}

function Headline({ tickets }: { readonly tickets: readonly Ticket[] | undefined }) {
  const { text } = useLanguage();
  const now = useNow();
  if (tickets === undefined) return <>{text.tickets.title}</>;
  const overdue = tickets.filter((ticket) => clockOf(ticket, now).alert === 'over').length;
  return <>{overdue > 0 ? text.tickets.headlineOverdue(overdue) : tickets.length > 0 ? text.tickets.headline(tickets.length) : text.tickets.none}</>;
}

function chosen(show: string | null): Which {
  return show === 'mine' || show === 'all' ? show : 'open';
}
