import { useLanguage } from '../language';
import type { AlarmState, Severity } from '../shapes';

const shapes: Readonly<Record<Severity, string>> = {
  critical: 'M8 .8 15.2 8 8 15.2.8 8z',
  high: 'M8 1.6 15.4 14.6H.6z',
  medium: 'M8 1.4a6.6 6.6 0 1 1 0 13.2A6.6 6.6 0 0 1 8 1.4z',
  low: 'M1 5.4h14v5.2H1z',
};

interface GlyphProps {
  readonly severity: Severity | null;
  readonly state?: AlarmState;
}

/**
 * The shape of a severity, filled while the condition lasts and hollow once it is back to normal. Only an
 * unacknowledged critical alarm blinks. Normal is a small grey ring. Always stands beside the word.
 */
export function Glyph({ severity, state }: GlyphProps) {
  if (severity === null) {
    return (
      <svg class="glyph normal" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="4" />
      </svg>
    );
  }
  const over = state === 'returned_unacknowledged' || state === 'latched' || state === 'cleared';
  const blinks = severity === 'critical' && state === 'active_unacknowledged';
  return (
    <svg class={`glyph ${severity}${over ? ' hollow' : ''}${blinks ? ' blinks' : ''}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[severity]} />
    </svg>
  );
}

export function SeverityWord({ severity, state }: GlyphProps) {
  const { text } = useLanguage();
  return (
    <span class={`severity${severity === null ? ' is-normal' : ''}`}>
      <Glyph severity={severity} {...(state === undefined ? {} : { state })} />
      <span>{text.severity[severity ?? 'none']}</span>
    </span>
  );
}
