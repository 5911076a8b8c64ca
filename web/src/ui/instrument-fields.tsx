import { useLanguage } from '../language';
import type { Instrument } from '../shapes';
import { Section } from './pane';

export const noInstrument: Instrument = { name: '', serial_no: '', calibrated_until: '' };

export const isWhole = (instrument: Instrument): boolean => Object.values(instrument).every((each: string) => each.trim() !== '');

interface InstrumentFieldsProps {
  readonly instrument: Instrument;
  readonly required: boolean;
  readonly expired: boolean;
  readonly wrong: boolean;
  readonly set: (instrument: Instrument) => void;
}

/** What it was measured with, and until when its calibration holds. */
export function InstrumentFields({ instrument, required, expired, wrong, set }: InstrumentFieldsProps) {
  const { text } = useLanguage();
  return (
    <Section title={text.check.instrument} aside={required ? undefined : text.check.optional}>
      <div class="check-pair">
        <label class="field">
          <span>{text.check.instrumentName}</span>
          <input value={instrument.name} maxLength={64} aria-invalid={wrong && instrument.name === ''} onInput={(event) => set({ ...instrument, name: event.currentTarget.value })} />
        </label>
        <label class="field">
          <span>{text.check.instrumentNo}</span>
          <input value={instrument.serial_no} maxLength={64} aria-invalid={wrong && instrument.serial_no === ''} onInput={(event) => set({ ...instrument, serial_no: event.currentTarget.value })} />
        </label>
      </div>
      <label class="field">
        <span>{text.check.instrumentUntil}</span>
        <input type="date" value={instrument.calibrated_until} aria-invalid={wrong && instrument.calibrated_until === ''} onInput={(event) => set({ ...instrument, calibrated_until: event.currentTarget.value })} />
      </label>
      {wrong && <p class="field-fault">{text.check.instrumentFill}</p>}
      {expired && <p class="fault">{text.check.instrumentExpired}</p>}
    </Section>
  );
}
