import type { ComponentChildren } from 'preact';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { rank } from '../alarm';
import { isDoubtful, isStale, isUpwards, limitsWords, quantity } from '../quantity';
import type { Point, PointLimit, Severity } from '../shapes';
import { shortDuration } from '../time';
import { Ago } from './moment';
import { SeverityWord } from './severity';

interface Props {
  readonly point: Point;
  readonly chosen: boolean;
  readonly choose: () => void;
  /** The chart, below the row that was chosen. */
  readonly children?: ComponentChildren;
}

/** "87.4 %RH · 12 s ago · alarm above 80 (P, since 2026-01-01)". A value never stands without its age and limit. */
export function PointRow({ point, chosen, choose, children }: Props) {
  const { text, locale, say } = useLanguage();
  const now = useNow();
  const { latest } = point;
  const at = latest === null ? null : Date.parse(latest.at);
  const stale = at !== null && (point.state === 'offline' || isStale(at, now, point.report_period_s));
  const limits = limitsWords(inOrder(point.limits), point, text, locale);
  const beyond = latest === null || stale ? null : judged(point, latest.value);
  return (
    <li class={`point-row${stale ? ' is-stale' : ''}${chosen ? ' is-chosen' : ''}`}>
      <button type="button" class="row-link point-name" aria-expanded={chosen} aria-label={text.equipment.showChart(say(point.name))} onClick={choose}>
        {say(point.name)}
      </button>
      <span class="point-value">
        {beyond !== null && <SeverityWord severity={beyond} />}
        <strong>{latest === null ? '—' : latest.name !== null ? say(latest.name) : quantity(latest.value, point, text, locale)}</strong>
      </span>
      <p class="point-context minor">
        {latest === null || at === null ? (
          text.equipment.noValue
        ) : stale ? (
          <span class="stale-words">
            {text.equipment.stale} · {text.equipment.staleMore(shortDuration(now - at, text))}
          </span>
        ) : (
          <Ago at={latest.at} />
        )}
        {latest !== null && isDoubtful(latest.quality) && ` · ${text.equipment.doubtful}`}
        {latest !== null && (
          <span title={[...new Set(point.limits.map((limit) => text.source(limit.basis?.source ?? '')))].join('\n')}>
            {limits.phrases.map((phrase) => ` · ${phrase}`)} <span class="keep">{limits.mark}</span>
          </span>
        )}
      </p>
      {children}
    </li>
  );
}

// The value as it stands against the limits. The alarm itself has delays of its own; this is what is true this second.
function judged(point: Point, value: number): Severity | null {
  const crossed = point.limits.filter((limit) => (isUpwards(limit.level) ? value > limit.value : value < limit.value));
  return inOrder(crossed)[0]?.severity ?? null;
}

function inOrder(limits: readonly PointLimit[]): PointLimit[] {
  return [...limits].sort((a, b) => rank(a.severity) - rank(b.severity) || a.value - b.value);
}
