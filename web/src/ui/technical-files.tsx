import { useState } from 'preact/hooks';
import { api, fileAt, photoAt, takenAt } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { may, session } from '../session';
import { technicalKinds, type Equipment, type TechnicalFile, type TechnicalKind } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { sizeWord } from '../quantity';
import { ChooseFile } from './file-strip';
import { Section } from './pane';
import { Sheet, SheetActions } from './sheet';
import { TechnicalRow } from './technical-row';

/** The papers of a piece of equipment: type approval, drawings, certificates, contracts. A new one replaces the old. */
export function TechnicalFiles({ equipment }: { readonly equipment: Equipment }) {
  const { text } = useLanguage();
  const mayAdd = may(useStore(session), 'write:tests');
  const { data } = useResource(sources.technicalFiles(equipment.id));
  const [entering, setEntering] = useState<TechnicalFile | 'new' | null>(null);
  if (data === undefined || (data.length === 0 && !mayAdd)) return null;
  return (
    <Section title={text.technical.title} aside={data.length > 0 ? data.length : undefined}>
      {data.length === 0 ? (
        <p class="minor">{text.technical.empty}</p>
      ) : (
        <ul class="rows">
          {data.map((file) => (
            <TechnicalRow key={file.id} file={file} photo={photoAt} at={fileAt} {...(mayAdd ? { renew: () => setEntering(file) } : {})} />
          ))}
        </ul>
      )}
      {mayAdd && (
        <div class="actions after">
          <button type="button" class="button" onClick={() => setEntering('new')}>
            {text.technical.add}
          </button>
        </div>
      )}
      {entering !== null && <Entering equipment={equipment} old={entering === 'new' ? null : entering} close={() => setEntering(null)} />}
    </Section>
  );
}

function Entering({ equipment, old, close }: { readonly equipment: Equipment; readonly old: TechnicalFile | null; readonly close: () => void }) {
  const { text, locale } = useLanguage();
  const [kind, setKind] = useState<TechnicalKind>(old?.kind ?? 'calibration');
  const [title, setTitle] = useState(old?.title ?? '');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const ready = title.trim() !== '' && file !== null && (old === null || reason.trim() !== '') && (from === '' || until === '' || from <= until);

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (!ready || sending) return;
    setSending(true);
    setFailure(null);
    try {
      const isPhoto = file.type.startsWith('image/');
      const sha256 = isPhoto ? await api.uploadPhoto(equipment.id, file, takenAt(file)) : await api.uploadFile(equipment.id, file, file.name);
      await api.addTechnicalFile({
        equipment_id: equipment.id,
        kind,
        title: title.trim(),
        valid_from: from || null,
        valid_until: until || null,
        remarks: null,
        replaces: old?.id ?? null,
        reason: old === null ? null : reason.trim(),
        photos: isPhoto ? [{ sha256, purpose: 'document' }] : [],
        files: isPhoto ? [] : [{ sha256, purpose: 'document' }],
      });
      touch(sources.technicalFiles(equipment.id).name);
      close();
    } catch (error) {
      setFailure(failureOf(error));
      setSending(false);
    }
  }

  return (
    <Sheet title={old === null ? text.technical.add : text.technical.renew} close={close}>
      <form class="check-form" onSubmit={(event) => void save(event)} noValidate>
        {old !== null && <p class="note">{text.technical.oldStays}</p>}
        <label class="field">
          <span>{text.technical.kindLabel}</span>
          <select value={kind} disabled={old !== null} onChange={(event) => setKind(event.currentTarget.value as TechnicalKind)}>
            {technicalKinds.map((each) => (
              <option key={each} value={each}>
                {text.technical.kind[each]}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text.technical.titleLabel}</span>
          <input value={title} maxLength={200} placeholder={text.technical.titleHint} aria-invalid={tried && title.trim() === ''} onInput={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <div class="check-pair">
          <label class="field">
            <span>{text.technical.from}</span>
            <input type="date" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
          </label>
          <label class="field">
            <span>{text.technical.until}</span>
            <input type="date" value={until} min={from} aria-invalid={tried && from !== '' && until !== '' && until < from} onInput={(event) => setUntil(event.currentTarget.value)} />
          </label>
        </div>
        {old !== null && (
          <label class="field">
            <span>{text.check.reason}</span>
            <input value={reason} maxLength={2000} aria-invalid={tried && reason.trim() === ''} onInput={(event) => setReason(event.currentTarget.value)} />
          </label>
        )}
        {file !== null && (
          <p class="file-chosen">
            <span class="file-name">{file.name}</span> <span class="minor">{sizeWord(file.size, locale)}</span>
          </p>
        )}
        <ChooseFile photos label={file === null ? text.technical.choose : text.files.chooseOther} wrong={tried && file === null} take={setFile} />
        {(failure !== null || (tried && !ready)) && (
          <p class="fault" role="alert">
            {failure !== null ? explain(failure, text) : text.technical.wrong}
          </p>
        )}
        <SheetActions action={sending ? text.ticket.sending : text.technical.save} close={close} disabled={sending} />
      </form>
    </Sheet>
  );
}
