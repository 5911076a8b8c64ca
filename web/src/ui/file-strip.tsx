import { useId } from 'preact/hooks';
import { useLanguage } from '../language';
import type { KeptFile } from '../queue';
import { sizeWord } from '../quantity';
import { Section } from './pane';

interface FileStripProps {
  readonly files: readonly KeptFile[];
  readonly set: (files: readonly KeptFile[]) => void;
}

/** Certificates, reports and logs of instruments, kept as they are until they are sent. */
export function FileStrip({ files, set }: FileStripProps) {
  const { text, locale } = useLanguage();
  return (
    <Section title={text.files.title} aside={text.check.optional}>
      {files.length > 0 && (
        <ul class="files">
          {files.map((each, index) => (
            <li key={`${each.name}/${index}`}>
              <span class="file-name">{each.name}</span>
              <span class="minor">{sizeWord(each.file.size, locale)}</span>
              <button type="button" class="button" aria-label={text.files.dropNamed(each.name)} onClick={() => set(files.filter((other) => other !== each))}>
                {text.files.drop}
              </button>
            </li>
          ))}
        </ul>
      )}
      <ChooseFile label={text.files.add} take={(file) => set([...files, { file, name: file.name, purpose: 'document', sha256: null }])} />
    </Section>
  );
}

const DOCUMENTS = 'application/pdf,.pdf,text/csv,.csv';

interface ChooseFileProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly wrong?: boolean;
  /** Whether a photo may be taken or chosen too. */
  readonly photos?: boolean;
  readonly take: (file: File) => void;
}

/** The label is the button. */
export function ChooseFile({ label, disabled = false, wrong = false, photos = false, take }: ChooseFileProps) {
  const id = useId();
  return (
    <>
      <input
        id={id}
        class="photo-input"
        type="file"
        accept={photos ? `${DOCUMENTS},image/jpeg,image/png,image/webp` : DOCUMENTS}
        disabled={disabled}
        aria-invalid={wrong}
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
