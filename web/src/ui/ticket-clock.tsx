import { useNow } from '../clock';
import { useLanguage } from '../language';
import type { Ticket } from '../shapes';
import { clockOf, marks } from '../ticket';
import { duration } from '../time';

/** The deadline as words and as a bar with its marks. Grey while there is time. */
export function TicketClockBar({ ticket, large = false }: { readonly ticket: Ticket; readonly large?: boolean }) {
  const { text } = useLanguage();
  const state = clockOf(ticket, useNow());
  const used = Math.floor(state.percent);
  return (
    <div class={`ticket-clock ${state.alert}${state.running ? '' : ' stopped'}${large ? ' large' : ''}`}>
      <p class="ticket-clock-words">{words()}</p>
      <div class="ticket-bar" role="img" aria-label={text.ticket.used(used)}>
        <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
          <rect class="ticket-bar-track" width="100" height="8" />
          <rect class="ticket-bar-used" width={state.percent} height="8" />
          {marks.map((mark) => (
            <line key={mark} class="ticket-bar-mark" x1={mark} x2={mark} y1="0" y2="8" />
          ))}
        </svg>
        {large && (
          <div class="ticket-marks" aria-hidden="true">
            {marks.map((mark) => (
              <span key={mark} style={{ left: `${mark}%` }}>
                {text.ticket.mark(mark)}
              </span>
            ))}
          </div>
        )}
      </div>
    </div>
  );

  function words(): string {
    if (state.running) return state.left >= 0 ? text.time.left(duration(state.left, text)) : text.time.overdue(duration(-state.left, text));
    const taken = duration(state.used, text);
    return state.alert === 'over' ? text.ticket.closedLate(taken, duration(-state.left, text)) : text.ticket.closedInTime(taken);
  }
}
