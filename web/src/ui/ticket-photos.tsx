import { useId, useState } from 'preact/hooks';
import { api, fileAt, photoAt } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import type { PhotoPurpose, Ticket } from '../shapes';
import { word } from '../text';
import { FileList } from './file-list';
import { ChooseFile } from './file-strip';
import { Section } from './pane';

const purposes: readonly PhotoPurpose[] = ['before', 'after'];

/** Photos before and after, straight from the camera, with what speaks against them beside; and files such as a report. */
export function TicketPhotos({ ticket, canAdd, changed }: { readonly ticket: Ticket; readonly canAdd: boolean; readonly changed: (ticket: Ticket) => void }) {
  const { text } = useLanguage();
  const [sending, setSending] = useState<PhotoPurpose | 'file' | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const photos = ticket.photos ?? [];
  const files = ticket.files ?? [];
  const needed = Object.entries(ticket.photos_needed ?? {}).map(([purpose, count]) => `${word(text.ticketWork.photoOf, purpose) ?? purpose} ${count}`);

  async function send(what: PhotoPurpose | 'file', file: File): Promise<void> {
    setSending(what);
    setFailure(null);
    try {
      changed(await (what === 'file' ? api.addTicketFile(ticket, file) : api.photograph(ticket, file, what)));
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(null);
    }
  }

  return (
    <Section title={text.ticketWork.photos} aside={photos.length > 0 ? photos.length : undefined}>
      {photos.length === 0 && <p class="minor">{text.ticketWork.noPhotos}</p>}
      {needed.length > 0 && ticket.state !== 'closed' && <p class="note">{text.ticketWork.photosNeeded(needed.join(' · '))}</p>}
      {photos.length > 0 && (
        <ul class="photos">
          {photos.map((photo) => {
            const what = word(text.ticketWork.photoOf, photo.purpose) ?? photo.purpose;
            const doubts = photo.doubts.map(({ doubt }) => word(text.ticketWork.doubts, doubt) ?? doubt);
            return (
              <li key={`${photo.purpose}/${photo.sha256}`}>
                <a href={photoAt(photo.sha256).whole} target="_blank" rel="noopener">
                  <img src={photoAt(photo.sha256).small} alt={text.ticketWork.photoBy(photo.used_by?.name ?? text.tickets.resident, what)} loading="lazy" />
                </a>
                <span class="minor">{what}</span>
                {doubts.length > 0 && <span class="photo-doubt">{[...new Set(doubts)].join(' · ')}</span>}
              </li>
            );
          })}
        </ul>
      )}
      {files.length > 0 && <FileList files={files} at={fileAt} />}
      {canAdd && (
        <div class="actions">
          {purposes.map((purpose) => (
            <TakePhoto key={purpose} label={sending === purpose ? text.ticket.sending : text.ticketWork.takePhoto[purpose]} disabled={sending !== null} take={(file) => void send(purpose, file)} />
          ))}
          <ChooseFile label={sending === 'file' ? text.ticket.sending : text.files.add} disabled={sending !== null} take={(file) => void send('file', file)} />
        </div>
      )}
      {failure !== null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
    </Section>
  );
}

function TakePhoto({ label, disabled, take }: { readonly label: string; readonly disabled: boolean; readonly take: (file: File) => void }) {
  const id = useId();
  return (
    <>
      <input
        id={id}
        class="photo-input"
        type="file"
        // Named so, iPhones hand over JPEG instead of HEIC.
        accept="image/jpeg,image/png,image/webp"
        capture="environment"
        disabled={disabled}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file !== undefined) take(file);
        }}
      />
      <label for={id} class="button large" aria-disabled={disabled}>
        {label}
      </label>
    </>
  );
}
