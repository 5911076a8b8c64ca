import { acknowledge, dismiss, pendings, retry, undo, UNDO_MS, type Pending } from '../acknowledge';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { explain } from '../problem';
import { may, session } from '../session';
import type { Alarm } from '../shapes';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { clock } from '../time';

interface Props {
  readonly alarm: Alarm;
  /** As the one main action of a screen, or as one of many in a list. */
  readonly large?: boolean;
}

/** Acknowledge with one tap; what became of the tap stands in the same place. */
export function AcknowledgeButton({ alarm, large = false }: Props) {
  const { text, say } = useLanguage();
  const allowed = may(useStore(session), 'write:alarms');
  const pending = useStore(pendings).get(alarm.id);
  if (!allowed || alarm.acknowledged) return null;
  if (pending !== undefined) return <Progress alarm={alarm} pending={pending} large={large} />;
  const action = large ? text.acknowledge.actionLong : text.acknowledge.action;
  return (
    <button
      type="button"
      class={`button acknowledge${large ? ' primary large' : ''}`}
      aria-label={text.acknowledge.of(action, `${say(alarm.equipment.name)}${text.comma}${say(alarm.title)}`)}
      onClick={() => acknowledge(alarm.id)}
    >
      {action}
    </button>
  );
}

function Progress({ alarm, pending, large }: { readonly alarm: Alarm; readonly pending: Pending; readonly large: boolean }) {
  const { text, locale } = useLanguage();
  const now = useNow();
  const size = large ? ' large' : '';
  switch (pending.phase) {
    case 'waiting': {
      const left = Math.max(0, pending.until - Date.now());
      return (
        <div class={`acknowledging${size}`}>
          <progress class="countdown" max={UNDO_MS} value={left} aria-hidden="true" />
          <span aria-hidden="true">{text.acknowledge.waiting(Math.ceil(left / 1000))}</span>
          <span class="sr-only" role="status">
            {text.acknowledge.waiting(UNDO_MS / 1000)}
          </span>
          <button type="button" class={`button${size}`} ref={keepFocus} onClick={() => undo(alarm.id)}>
            {text.acknowledge.undo}
          </button>
        </div>
      );
    }
    case 'sending':
      return (
        <div class={`acknowledging${size}`}>
          <span role="status">{text.acknowledge.sending}</span>
        </div>
      );
    case 'unsent':
      return (
        <div class={`acknowledging${size}`}>
          <span role="status">{text.acknowledge.unsent(clock(Date.parse(pending.act.acted_at), now, locale, zoneOf(alarm.site.id)))}</span>
          <button type="button" class={`button${size}`} onClick={() => undo(alarm.id)}>
            {text.acknowledge.undo}
          </button>
        </div>
      );
    case 'failed':
      return (
        <div class={`acknowledging failed${size}`}>
          <span role="alert">
            <strong>{text.acknowledge.failed}</strong> {explain(pending.failure, text)}
          </span>
          <span class="choices">
            <button type="button" class={`button${size}`} onClick={() => retry(alarm.id)}>
              {text.acknowledge.retry}
            </button>
            <button type="button" class={`button quiet${size}`} onClick={() => dismiss(alarm.id)}>
              {text.acknowledge.dismiss}
            </button>
          </span>
        </div>
      );
  }
}

// The button that was pressed is gone; whoever works by keyboard goes on at the one that took its place.
function keepFocus(button: HTMLButtonElement | null): void {
  if (document.activeElement === document.body) button?.focus({ preventScroll: true });
}
