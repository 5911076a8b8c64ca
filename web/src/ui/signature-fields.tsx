import { useLanguage } from '../language';
import type { Signature } from '../shapes';

const KEY = 'facility-monitor.signer';

interface SignatureFieldsProps {
  readonly signatures: readonly Signature[];
  readonly tried: boolean;
  readonly same: boolean;
  readonly set: (signatures: readonly Signature[]) => void;
}

/** As many signers as the form asks for, each with name and certificate. */
export function SignatureFields({ signatures, tried, same, set }: SignatureFieldsProps) {
  const { text } = useLanguage();
  const change = (index: number, part: Partial<Signature>): void => set(signatures.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <>
      {signatures.map((each, index) => (
        <fieldset key={index} class="check-pair">
          <legend class={signatures.length > 1 ? '' : 'sr-only'}>{text.check.signer(index + 1, signatures.length)}</legend>
          <label class="field">
            <span>{text.check.signerName}</span>
            <input value={each.name} maxLength={64} autocomplete="off" aria-invalid={tried && each.name.trim() === ''} onInput={(event) => change(index, { name: event.currentTarget.value })} />
          </label>
          <label class="field">
            <span>{text.check.certificate}</span>
            <input
              value={each.certificate_no}
              maxLength={64}
              autocomplete="off"
              autocapitalize="characters"
              aria-invalid={tried && (each.certificate_no.trim() === '' || same)}
              onInput={(event) => change(index, { certificate_no: event.currentTarget.value })}
            />
          </label>
        </fieldset>
      ))}
      {tried && same && signatures.every((each) => each.certificate_no !== '') && <p class="field-fault">{text.check.signersDiffer}</p>}
    </>
  );
}

/** Who signed first on this phone, if that was this person; their certificate need not be typed each time. */
export function lastSigner(name: string): Signature {
  try {
    const known = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Signature | null;
    if (known !== null && known.name === name && typeof known.certificate_no === 'string') return known;
  } catch {
    // written by another version, or the browser keeps nothing
  }
  return { name, certificate_no: '' };
}

export function rememberSigner(signature: Signature): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(signature));
  } catch {
    return;
  }
}
