import { now } from '../clock';
import { useLanguage } from '../language';
import type { TechnicalFile } from '../shapes';
import { zoneOf } from '../sources';
import { dayAfter, dayIn } from '../time';
import { FileList } from './file-list';
import { PhotoList } from './photo-list';

/** Days before its end on which a paper is said to end soon: when its managers are told, too. */
export const SOON_DAYS = 30;

interface TechnicalRowProps {
  readonly file: TechnicalFile;
  /** Where a photo of it lies, small and as it was sent. */
  readonly photo: (sha256: string) => { readonly small: string; readonly whole: string };
  readonly at: (sha256: string) => string;
  /** Enters the paper that takes its place, where the person may. */
  readonly renew?: () => void;
}

export function TechnicalRow({ file, photo, at, renew }: TechnicalRowProps) {
  const { text, say } = useLanguage();
  const zone = zoneOf(file.site_id);
  const today = dayIn(now(), zone);
  const until = file.valid_until;
  const ended = until !== null && until < today;
  const soon = until !== null && !ended && until <= dayAfter(today, SOON_DAYS);
  return (
    <li class="technical">
      <strong>{file.title}</strong>
      <span class="minor">
        {text.technical.kind[file.kind]}
        {file.equipment !== null && ` · ${say(file.equipment.name)}`}
        {file.remarks !== null && ` · ${file.remarks}`}
      </span>
      {(file.valid_from !== null || until !== null) && (
        <span class={ended || soon ? 'late' : 'minor'}>
          {ended ? text.technical.ended(until) : soon ? text.technical.soon(until) : text.technical.valid(file.valid_from, until)}
        </span>
      )}
      {file.photos.length > 0 && <PhotoList photos={file.photos} zone={zone} photo={photo} />}
      {file.files.length > 0 && <FileList files={file.files} at={at} />}
      {renew !== undefined && (
        <button type="button" class="button" onClick={renew}>
          {text.technical.renew}
        </button>
      )}
    </li>
  );
}
