import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { useResource } from '../resource';
import { may, session } from '../session';
import type { Letter, LetterFilter } from '../shapes';
import { letters } from '../sources';
import { useStore } from '../store';
import { word } from '../text';
import { Icon } from './icon';
import { Moment } from './moment';
import { Sheet } from './sheet';
import { Empty, Listing, SkeletonRows } from './states';

const PART = 50;

/** What arrived and is no reading: narrowed by reason and device, opened one by one, and read again when its fault is mended. */
export function DeadLetters() {
  const { text } = useLanguage();
  const [reason, setReason] = useState('');
  const [device, setDevice] = useState('');
  const [most, setMost] = useState(PART);
  const [opened, setOpened] = useState<Letter | null>(null);
  const filter: LetterFilter = { reason: reason || undefined, device: device.trim() || undefined };
  const found = useResource(letters(filter, most));
  const replay = useReplay(found.reload);
  const mayReplay = may(useStore(session), 'write:plant');
  return (
    <>
      <div class="search">
        <label class="search-field">
          <span class="sr-only">{text.ingest.deviceSearch}</span>
          <Icon name="search" />
          <input type="search" enterkeyhint="search" placeholder={text.ingest.deviceSearch} value={device} onChange={(event) => setDevice(event.currentTarget.value)} />
        </label>
        <label>
          <span class="sr-only">{text.ingest.reasonLabel}</span>
          <select value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
            <option value="">{text.ingest.allReasons}</option>
            {Object.entries(text.ingest.reason).map(([code, words]) => (
              <option key={code} value={code}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
      {replay.said}
      <Listing
        of={found}
        loading={text.ingest.loading}
        skeleton={<SkeletonRows count={5} />}
        isEmpty={(data) => data.length === 0}
        empty={<Empty title={text.ingest.noLetters}>{text.ingest.noLettersMore}</Empty>}
      >
        {(data) => (
          <>
            {mayReplay && (
              <button type="button" class="button large section" disabled={replay.sending} onClick={() => void replay.ask({ filter })}>
                {text.ingest.replayAll}
              </button>
            )}
            <ul class="rows section">
              {data.map((each) => (
                <LetterRow key={each.id} letter={each} open={() => setOpened(each)} />
              ))}
            </ul>
            {data.length >= most && (
              <button type="button" class="button quiet" onClick={() => setMost(most + PART)}>
                {text.ingest.more}
              </button>
            )}
          </>
        )}
      </Listing>
      {opened !== null && (
        <LetterSheet
          letter={opened}
          close={() => setOpened(null)}
          replay={
            mayReplay
              ? () => {
                  setOpened(null);
                  void replay.ask({ ids: [opened.id] });
                }
              : null
          }
        />
      )}
    </>
  );
}

function useReplay(reload: () => void) {
  const { text } = useLanguage();
  const [sending, setSending] = useState(false);
  const [requested, setRequested] = useState<number | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  async function ask(what: Parameters<typeof api.replay>[0]): Promise<void> {
    setSending(true);
    setFailure(null);
    try {
      setRequested((await api.replay(what)).requested);
      reload();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(false);
    }
  }
  const said =
    failure !== null ? (
      <p class="fault" role="alert">
        {explain(failure, text)}
      </p>
    ) : (
      <p role="status" class={requested === null ? 'sr-only' : 'note'}>
        {requested === null ? '' : text.ingest.replayed(requested)}
      </p>
    );
  return { ask, sending, said };
}

function LetterRow({ letter, open }: { readonly letter: Letter; readonly open: () => void }) {
  const { text } = useLanguage();
  return (
    <li class="plain-row">
      <button type="button" class="row-link" onClick={open}>
        <strong>{word(text.ingest.reason, letter.reason) ?? letter.reason}</strong>
      </button>
      <span class="plain-row-side minor">
        <Moment at={letter.received_at} />
      </span>
      <span class="cut">{letter.device ?? letter.topic}</span>
      <span class="minor cut">{letter.detail}</span>
      <Fate letter={letter} />
    </li>
  );
}

/** What has become of a letter that somebody wanted read again. */
function Fate({ letter }: { readonly letter: Letter }) {
  const { text, locale } = useLanguage();
  const { outcome } = letter;
  if (letter.requested_at === null) return null;
  if (outcome === null) return <span class="minor">{text.ingest.asked}</span>;
  const words = outcome.stored > 0 ? text.ingest.outcomeStored(outcome.stored.toLocaleString(locale)) : text.ingest.outcomeRefused;
  const again = outcome.reason === null ? '' : `${text.colon}${word(text.ingest.reason, outcome.reason) ?? outcome.reason}`;
  return (
    <span class="minor">
      {words}
      {outcome.rejected > 0 && again}
    </span>
  );
}

interface LetterSheetProps {
  readonly letter: Letter;
  readonly close: () => void;
  readonly replay: (() => void) | null;
}

function LetterSheet({ letter, close, replay }: LetterSheetProps) {
  const { text } = useLanguage();
  return (
    <Sheet title={word(text.ingest.reason, letter.reason) ?? letter.reason} close={close}>
      <p>{letter.detail}</p>
      <p class="minor">
        {text.ingest.topic}
        {text.colon}
        <span class="code">{letter.topic}</span>
      </p>
      <h3 class="minor">
        {text.ingest.payload}
        {letter.payload_text === null && ` (${text.ingest.bytes})`}
      </h3>
      <pre class="payload" tabIndex={0}>
        {letter.payload_text ?? letter.payload_base64}
      </pre>
      <Fate letter={letter} />
      <div class="actions">
        <button type="button" class="button large" onClick={close}>
          {text.ingest.close}
        </button>
        {replay !== null && (
          <button type="button" class="button large primary" onClick={replay}>
            {text.ingest.replayOne}
          </button>
        )}
      </div>
    </Sheet>
  );
}
