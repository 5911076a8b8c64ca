import { useLanguage } from '../language';
import type { Check } from '../shapes';
import { fullTime } from '../time';
import { FileList } from './file-list';
import { Link } from './link';
import { Section } from './pane';
import { PhotoList } from './photo-list';
import { Entries } from './verdicts';

interface CheckEntryProps {
  readonly check: Check;
  readonly zone: string;
  /** Where a photo lies, small and as it was sent. */
  readonly photo: (sha256: string) => { readonly small: string; readonly whole: string };
  /** Where a file that is no photo lies. */
  readonly file: (sha256: string) => string;
  /** Whether other pages of the app may be opened from here; an inspector's link opens none. */
  readonly linked: boolean;
}

/** All that an entry says: when, by whom, each verdict with its basis, the photos and what speaks against them. */
export function CheckEntry({ check, zone, photo, file, linked }: CheckEntryProps) {
  const { text, locale } = useLanguage();
  const time = (at: string): string => fullTime(Date.parse(at), locale, zone, 'short');
  return (
    <div class="check-entry">
      {check.late_entry && (
        <p class="note strong">
          {text.check.lateEntry}
          {text.colon}
          {check.reason}
        </p>
      )}
      {check.corrects !== null && (
        <p class="note">
          {linked ? <Link href={`/checks/${check.corrects}`}>{text.check.corrects(check.corrects)}</Link> : text.check.corrects(check.corrects)}
          {text.colon}
          {check.reason}
        </p>
      )}
      {check.corrected_by !== null && (
        <p class="note strong">{linked ? <Link href={`/checks/${check.corrected_by}`}>{text.check.correctedBy(check.corrected_by)}</Link> : text.check.correctedBy(check.corrected_by)}</p>
      )}
      <Section title={text.check.entries}>
        <Entries check={check} />
        {check.remarks !== null && <p>{check.remarks}</p>}
      </Section>
      {check.photos.length > 0 && (
        <Section title={text.check.photos} aside={check.photos.length}>
          <PhotoList photos={check.photos} zone={zone} photo={photo} />
        </Section>
      )}
      {check.files.length > 0 && (
        <Section title={text.files.title} aside={check.files.length}>
          <FileList files={check.files} at={file} />
        </Section>
      )}
      <Section title={text.check.signatures}>
        <dl class="facts">
          {check.signatures.map((each) => (
            <div key={each.certificate_no}>
              <dt>{each.name}</dt>
              <dd>{each.certificate_no}</dd>
            </div>
          ))}
          <div>
            <dt>{text.check.by}</dt>
            <dd>{check.submitted_by.name}</dd>
          </div>
          <div>
            <dt>{text.check.performed}</dt>
            <dd>{time(check.performed_at)}</dd>
          </div>
          <div>
            <dt>{text.check.received}</dt>
            <dd>{time(check.received_at)}</dd>
          </div>
          {check.instrument !== null && (
            <div>
              <dt>{text.check.instrument}</dt>
              <dd>
                {check.instrument.name} {check.instrument.serial_no} · {text.check.instrumentUntil} {check.instrument.calibrated_until}
              </dd>
            </div>
          )}
          {check.ticket_id !== null && (
            <div>
              <dt>{text.nav.tickets}</dt>
              <dd>{linked ? <Link href={`/tickets/${check.ticket_id}`}>{text.check.ticket(check.ticket_id)}</Link> : text.check.ticket(check.ticket_id)}</dd>
            </div>
          )}
          {check.alarm_ids.length > 0 && (
            <div>
              <dt>{text.check.alarms}</dt>
              <dd>{check.alarm_ids.map((id) => (linked ? <Link key={id} href={`/alarms/${id}`}>{text.check.alarm(id)}</Link> : <span key={id}>{text.check.alarm(id)} </span>))}</dd>
            </div>
          )}
        </dl>
      </Section>
    </div>
  );
}
