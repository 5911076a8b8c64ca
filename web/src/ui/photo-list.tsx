import { useLanguage } from '../language';
import type { Check } from '../shapes';
import { word } from '../text';
import { fullTime } from '../time';

interface PhotoListProps {
  readonly photos: Check['photos'];
  readonly zone: string;
  /** Where a photo lies, small and as it was sent. */
  readonly photo: (sha256: string) => { readonly small: string; readonly whole: string };
}

/** Photos of a record, each with when it was taken and what speaks against it. */
export function PhotoList({ photos, zone, photo }: PhotoListProps) {
  const { text, locale } = useLanguage();
  const time = (at: string): string => fullTime(Date.parse(at), locale, zone, 'short');
  return (
    <ul class="photos">
      {photos.map((each, index) => {
        const { small, whole } = photo(each.sha256);
        const doubts = [...new Set(each.doubts.map(({ doubt }) => word(text.ticketWork.doubts, doubt) ?? doubt))];
        return (
          <li key={each.sha256}>
            <a href={whole} target="_blank" rel="noopener">
              <img src={small} alt={text.check.photo(index + 1)} loading="lazy" />
            </a>
            <span class="minor">{each.taken_at !== null ? text.check.takenAt(time(each.taken_at)) : each.device_at !== null ? text.check.phoneAt(time(each.device_at)) : text.check.receivedAt(time(each.received_at))}</span>
            {doubts.length > 0 && <span class="photo-doubt">{doubts.join(' · ')}</span>}
          </li>
        );
      })}
    </ul>
  );
}
