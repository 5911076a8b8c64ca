import { useState } from 'preact/hooks';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { zoneOf } from '../sources';
import { ago, clock, duration, fullTime } from '../time';

interface MomentProps {
  /** RFC 3339. */
  readonly at: string;
  readonly siteId?: number | null;
}

/** "14:03" in the site's own time; the whole of it with the zone's name on hover. */
export function Moment({ at, siteId = null }: MomentProps) {
  const { locale } = useLanguage();
  const now = useNow();
  const zone = zoneOf(siteId);
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms, locale, zone)}>
      {clock(ms, now, locale, zone)}
    </time>
  );
}

/** The same where there is room to tap: a tap shows the whole time with the zone's name in its place. */
export function MomentButton({ at, siteId = null }: MomentProps) {
  const [whole, setWhole] = useState(false);
  const { locale } = useLanguage();
  const now = useNow();
  const zone = zoneOf(siteId);
  const ms = Date.parse(at);
  const full = fullTime(ms, locale, zone);
  return (
    <button type="button" class="moment" title={full} aria-expanded={whole} onClick={() => setWhole(!whole)}>
      <time dateTime={at}>{whole ? full : clock(ms, now, locale, zone)}</time>
    </button>
  );
}

/** "12 s ago", counting. */
export function Ago({ at }: { readonly at: string }) {
  const { text, locale } = useLanguage();
  const now = useNow();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms, locale, zoneOf(null))}>
      {ago(ms, now, text)}
    </time>
  );
}

/** "3 min 12 s", counting up; `words` make a phrase of it. */
export function Lasting({ since, words = (length) => length }: { readonly since: string; readonly words?: (length: string) => string }) {
  const { text, locale } = useLanguage();
  const now = useNow();
  const ms = Date.parse(since);
  return (
    <time dateTime={since} title={fullTime(ms, locale, zoneOf(null))}>
      {words(duration(now - ms, text))}
    </time>
  );
}
