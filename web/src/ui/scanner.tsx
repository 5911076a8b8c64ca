import { useEffect, useRef, useState } from 'preact/hooks';
import { scanned } from '../fire';
import { useLanguage } from '../language';
import type { RoundPiece } from '../shapes';
import { Sheet, SheetActions } from './sheet';

const LOOK_MS = 200;

interface Detector {
  detect(of: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

interface ScannerProps {
  readonly pieces: readonly RoundPiece[];
  readonly found: (piece: RoundPiece) => void;
  readonly close: () => void;
}

/** Reads a label with the camera where the browser can; the typed code works everywhere. */
export function Scanner({ pieces, found, close }: ScannerProps) {
  const { text } = useLanguage();
  const video = useRef<HTMLVideoElement>(null);
  const [words, setWords] = useState('');
  const [unknown, setUnknown] = useState<string | null>(null);
  const [camera, setCamera] = useState<'starting' | 'on' | 'none' | 'blind'>('starting');

  function take(seen: string): boolean {
    const piece = scanned(seen, pieces);
    if (piece === null) setUnknown(seen);
    else found(piece);
    return piece !== null;
  }

  useEffect(() => {
    let ended = false;
    let stream: MediaStream | undefined;
    void watch();
    return () => {
      ended = true;
      stream?.getTracks().forEach((track) => track.stop());
    };

    async function watch(): Promise<void> {
      const detector = await qrDetector();
      if (detector === null) {
        if (!ended) setCamera('blind');
        return;
      }
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      } catch {
        if (!ended) setCamera('none'); // refused, or there is none
        return;
      }
      const shown = video.current;
      if (ended || shown === null) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      shown.srcObject = stream;
      await shown.play().catch(() => undefined);
      setCamera('on');
      while (!ended) {
        const [seen] = await detector.detect(shown).catch(() => []);
        if (!ended && seen !== undefined && take(seen.rawValue)) return;
        await new Promise((done) => setTimeout(done, LOOK_MS));
      }
    }
  }, []);

  return (
    <Sheet title={text.scan.title} close={close}>
      {(camera === 'on' || camera === 'starting') && (
        <div class="finder">
          <video ref={video} muted playsInline aria-label={text.scan.aim} />
          <span aria-hidden="true" />
        </div>
      )}
      <p class="minor" role="status">
        {{ starting: text.scan.starting, on: text.scan.aim, none: text.scan.noCamera, blind: text.scan.noDetector }[camera]}
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (words.trim() !== '') take(words);
        }}
      >
        <label class="field">
          <span>{text.scan.code}</span>
          <input value={words} placeholder={text.scan.hint} autocapitalize="none" autocomplete="off" spellcheck={false} onInput={(event) => setWords(event.currentTarget.value)} />
        </label>
        {unknown !== null && (
          <p class="fault" role="alert">
            {text.scan.unknown(unknown)}
          </p>
        )}
        <SheetActions action={text.scan.open} close={close} />
      </form>
    </Sheet>
  );
}

/** The browser's own reader of QR codes; null where it has none. */
async function qrDetector(): Promise<Detector | null> {
  const Maker = (globalThis as { BarcodeDetector?: { new (of: { formats: string[] }): Detector; getSupportedFormats(): Promise<readonly string[]> } }).BarcodeDetector;
  if (Maker === undefined || !(navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia) return null;
  const formats: readonly string[] = await Maker.getSupportedFormats().catch(() => []);
  return formats.includes('qr_code') ? new Maker({ formats: ['qr_code'] }) : null;
}
