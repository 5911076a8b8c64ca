import { useEffect, useId, useMemo } from 'preact/hooks';
import { takenAt } from '../api';
import { useLanguage } from '../language';
import type { KeptPhoto } from '../outbox';
import { Icon } from './icon';
import { Section } from './pane';

interface PhotoStripProps {
  /** What the photos show. */
  readonly purpose: string;
  readonly needed: number;
  readonly photos: readonly KeptPhoto[];
  readonly wrong: boolean;
  readonly set: (photos: readonly KeptPhoto[]) => void;
}

/** Photos from the camera, kept as it made them. */
export function PhotoStrip({ purpose, needed, photos, wrong, set }: PhotoStripProps) {
  const { text } = useLanguage();
  const id = useId();
  return (
    <Section title={text.check.photos} aside={needed > 0 ? text.check.photosNeeded(needed) : text.check.optional}>
      <ul class="photos">
        {photos.map((photo, index) => (
          <li key={photo.device_at}>
            <Picture of={photo.file} words={text.check.photo(index + 1)} />
            <button
              type="button"
              class="button"
              aria-label={`${text.check.dropPhoto}${text.colon}${text.check.photo(index + 1)}`}
              onClick={() => set(photos.filter((each) => each !== photo))}
            >
              {text.check.dropPhoto}
            </button>
          </li>
        ))}
      </ul>
      <input
        id={id}
        class="photo-input"
        type="file"
        // Named so, iPhones hand over JPEG instead of HEIC.
        accept="image/jpeg,image/png,image/webp"
        capture="environment"
        aria-invalid={wrong}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          if (file !== undefined) set([...photos, { file, purpose, device_at: takenAt(file), sha256: null }]);
        }}
      />
      <label for={id} class="button large">
        <Icon name="camera" />
        {text.check.takePhoto}
      </label>
      {wrong && <p class="field-fault">{text.check.photosNeeded(needed)}</p>}
    </Section>
  );
}

function Picture({ of, words }: { readonly of: Blob; readonly words: string }) {
  const address = useMemo(() => URL.createObjectURL(of), [of]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return <img src={address} alt={words} />;
}
