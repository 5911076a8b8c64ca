// The 48-hour clock of a ticket, as the bar shows it. The deadline itself is the server's.
import type { Hold, Ticket, TicketState } from './shapes';

export const marks: readonly number[] = [50, 75, 90];
export const steps: readonly TicketState[] = ['open', 'accepted', 'on_site', 'repaired', 'verified', 'closed'];
export const unfinished: readonly TicketState[] = ['open', 'accepted', 'on_site', 'on_hold', 'repaired', 'verified'];

/** How far it has come; what waits on hold was accepted. */
export function reachedStep(state: TicketState): number {
  return steps.indexOf(state === 'on_hold' ? 'accepted' : state);
}

/** The hold that somebody has asked for and nobody decided. */
export function askedHold(ticket: Ticket): Hold | undefined {
  const working = ticket.state === 'accepted' || ticket.state === 'on_site';
  return working ? ticket.holds?.find((hold) => hold.approved === null) : undefined;
}

/** Whether sensors should say that it is in order and do not: only a signed exception helps. */
export function unconfirmed(ticket: Ticket): boolean {
  return ticket.sensors === 'abnormal' || ticket.sensors === 'settling' || ticket.sensors === 'silent';
}

export interface TicketClock {
  /** Length from opening to deadline, in ms. */
  readonly total: number;
  /** Used so far, or until closing, in ms. */
  readonly used: number;
  /** Until the deadline, in ms; negative once it has passed. */
  readonly left: number;
  /** Share used, 0 to 100, not above. */
  readonly percent: number;
  readonly running: boolean;
  /** Colour means abnormal: none until the last tenth. */
  readonly alert: 'none' | 'near' | 'over';
}

/** `now` in ms since 1970. A closed ticket's clock stands still at its closing. */
export function clockOf(ticket: Ticket, now: number): TicketClock {
  const opened = Date.parse(ticket.opened_at);
  const due = Date.parse(ticket.due_at);
  const running = ticket.closed_at === null;
  const until = ticket.closed_at === null ? now : Date.parse(ticket.closed_at);
  const total = Math.max(1, due - opened);
  const used = Math.max(0, until - opened);
  const share = (used / total) * 100;
  return {
    total,
    used,
    left: due - until,
    percent: Math.min(100, share),
    running,
    alert: until > due ? 'over' : running && share >= 90 ? 'near' : 'none',
  };
}

/** Open ones by the nearest deadline, then the closed ones, the latest first. */
export function byUrgency(tickets: readonly Ticket[]): Ticket[] {
  return [...tickets].sort((a, b) => {
    if ((a.closed_at === null) !== (b.closed_at === null)) return a.closed_at === null ? -1 : 1;
    if (a.closed_at === null || b.closed_at === null) return Date.parse(a.due_at) - Date.parse(b.due_at) || a.id - b.id;
    return Date.parse(b.closed_at) - Date.parse(a.closed_at);
  });
}
