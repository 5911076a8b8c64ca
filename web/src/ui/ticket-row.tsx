import { nearPlace } from '../alarm';
import { useLanguage } from '../language';
import type { Ticket } from '../shapes';
import { useManySites } from '../sources';
import { Link } from './link';
import { TicketClockBar } from './ticket-clock';

export function TicketRow({ ticket, withPlace = true }: { readonly ticket: Ticket; readonly withPlace?: boolean }) {
  const { text, say } = useLanguage();
  const manySites = useManySites();
  return (
    <li class={`ticket-row ${ticket.state}`}>
      <div class="ticket-row-top">
        <span class="ticket-state">{text.ticketState[ticket.state]}</span>
        {(ticket.assignee !== null || ticket.state !== 'open') && <span class="minor">{ticket.assignee?.name ?? text.tickets.unassigned}</span>}
        {ticket.by_resident && <span class="tag">{text.tickets.resident}</span>}
        <span class="ticket-number minor">{text.tickets.number(ticket.id)}</span>
      </div>
      <Link href={`/tickets/${ticket.id}`} class="row-link">
        {withPlace ? `${say(ticket.equipment.name)}${text.colon}${say(ticket.title)}` : say(ticket.title)}
      </Link>
      {withPlace && <p class="minor">{nearPlace(say(ticket.place), manySites)}</p>}
      <TicketClockBar ticket={ticket} />
    </li>
  );
}
