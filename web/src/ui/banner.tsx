import { pendings, unsentCount } from '../acknowledge';
import { useNow } from '../clock';
import { offlineSince } from '../connection';
import { useLanguage } from '../language';
import { connection, reconnect } from '../live';
import { waiting } from '../outbox';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { clock } from '../time';

/** Says since when nothing new has come, what waits to be sent, and offers to try now. */
export function OfflineBanner() {
  const { text, locale } = useLanguage();
  const now = useNow();
  const since = offlineSince(useStore(connection), now);
  const unsent = unsentCount(useStore(pendings));
  const checks = useStore(waiting).length;
  return (
    <div role="status">
      {since !== null && (
        <div class="banner">
          <p>
            <strong>{text.live.offline(clock(since, now, locale, zoneOf(null)))}</strong>
            <br />
            {unsent > 0 ? text.live.unsent(unsent) : checks > 0 ? text.round.waitingCount(checks) : text.live.explain}
          </p>
          <button type="button" class="button" onClick={reconnect}>
            {text.live.retry}
          </button>
        </div>
      )}
    </div>
  );
}

/** One quiet word: whether what is seen is live. */
export function LiveWord() {
  const { text } = useLanguage();
  const state = useStore(connection);
  useNow();
  if (state.phase === 'offline') return null; // the banner says it
  return <span class={`live-word ${state.phase}`}>{state.phase === 'live' ? text.live.on : text.live.connecting}</span>;
}
