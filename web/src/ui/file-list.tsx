import { useLanguage } from '../language';
import { sizeWord } from '../quantity';
import type { RecordFile } from '../shapes';

interface FileListProps {
  readonly files: readonly RecordFile[];
  /** Where a file lies as it was sent. */
  readonly at: (sha256: string) => string;
}

/** Files of a record by name, each to be saved, with its size and the beginning of its hash as the sheets print it. */
export function FileList({ files, at }: FileListProps) {
  const { text, locale } = useLanguage();
  return (
    <ul class="files">
      {files.map((each) => (
        <li key={`${each.purpose}/${each.sha256}`}>
          <a class="file-name" href={at(each.sha256)} download={each.name ?? true}>
            {each.name ?? text.files.unnamed}
          </a>
          <span class="minor">
            {each.media_type === 'application/pdf' ? 'PDF' : 'CSV'} · {sizeWord(each.size_bytes, locale)} · <code>{each.sha256.slice(0, 12)}</code>
          </span>
        </li>
      ))}
    </ul>
  );
}
