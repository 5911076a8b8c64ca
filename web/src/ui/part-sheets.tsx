import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import { parsed } from '../lift';
import { explain, failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { session } from '../session';
import type { Part } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { word } from '../text';
import { dayIn } from '../time';
import { Sheet, SheetActions } from './sheet';

const COUNTERS = ['trips', 'door_cycles', 'rope_bends'] as const;

interface FrameProps {
  readonly title: string;
  readonly elevatorId: number;
  readonly ready: boolean;
  readonly close: () => void;
  readonly send: () => Promise<unknown>;
  readonly children: ComponentChildren;
}

function Frame({ title, elevatorId, ready, close, send, children }: FrameProps) {
  const { text } = useLanguage();
  const [tried, setTried] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setTried(true);
    if (!ready || sending) return;
    setSending(true);
    setFailure(null);
    try {
      await send();
      for (const name of [`elevators/${elevatorId}/parts`, 'budget']) touch(name);
      close();
    } catch (error) {
      setFailure(failureOf(error));
      setSending(false);
    }
  }
  return (
    <Sheet title={title} close={close}>
      <form class="check-form" onSubmit={(event) => void save(event)} noValidate>
        {children}
        {(failure !== null || (tried && !ready)) && (
          <p class="fault" role="alert">
            {failure !== null ? explain(failure, text) : text.partForm.wrong}
          </p>
        )}
        <SheetActions action={sending ? text.partForm.saving : text.partForm.save} close={close} disabled={sending} />
      </form>
    </Sheet>
  );
}

/** What was measured of a part, judged at once by every line of its day. */
export function InspectionSheet({ part, elevatorId, close }: { readonly part: Part; readonly elevatorId: number; readonly close: () => void }) {
  const { text, say } = useLanguage();
  const state = useStore(session);
  const kinds = useResource(sources.partKinds);
  const [on, setOn] = useState(() => dayIn(now(), sources.zoneOf(null)));
  const [inspector, setInspector] = useState(state.phase === 'in' ? state.person.name : '');
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const names = kinds.data?.find((each) => each.code === part.kind)?.measured ?? [];
  const measured = Object.fromEntries(names.flatMap((name) => (parsed(typed[name]) === null ? [] : [[name, parsed(typed[name])!]])));
  const numbers = Object.values(measured);
  const ready = on !== '' && inspector.trim() !== '' && numbers.length > 0 && numbers.every((each) => each >= 0);
  return (
    <Frame title={`${text.partForm.inspect} · ${say(part.kind_name)}`} elevatorId={elevatorId} ready={ready} close={close} send={() => api.inspectPart(part.id, { inspected_on: on, inspector: inspector.trim(), measured })}>
      <div class="check-pair">
        <label class="field">
          <span>{text.partForm.inspectedOn}</span>
          <input type="date" value={on} onInput={(event) => setOn(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{text.partForm.inspector}</span>
          <input value={inspector} maxLength={64} onInput={(event) => setInspector(event.currentTarget.value)} />
        </label>
        {names.map((name) => (
          <label key={name} class="field">
            <span>{word(text.partForm.measures, name) ?? name}</span>
            <input name={name} inputMode="decimal" autocomplete="off" maxLength={12} value={typed[name] ?? ''} onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })} />
          </label>
        ))}
      </div>
    </Frame>
  );
}

/** What a counter shows, of an elevator that does not send its own. */
export function CounterSheet({ elevatorId, close }: { readonly elevatorId: number; readonly close: () => void }) {
  const { text } = useLanguage();
  const [counter, setCounter] = useState<string>(COUNTERS[0]);
  const [on, setOn] = useState(() => dayIn(now(), sources.zoneOf(null)));
  const [typed, setTyped] = useState('');
  const [reset, setReset] = useState(false);
  const value = parsed(typed);
  return (
    <Frame title={text.partForm.counter} elevatorId={elevatorId} ready={on !== '' && value !== null && value >= 0 && Number.isInteger(value)} close={close} send={() => api.readCounter(elevatorId, { counter, read_on: on, value, reset })}>
      <label class="field">
        <span>{text.partForm.whichCounter}</span>
        <select value={counter} onChange={(event) => setCounter(event.currentTarget.value)}>
          {COUNTERS.map((each) => (
            <option key={each} value={each}>
              {word(text.partForm.counters, each)}
            </option>
          ))}
        </select>
      </label>
      <div class="check-pair">
        <label class="field">
          <span>{text.partForm.readOn}</span>
          <input type="date" value={on} onInput={(event) => setOn(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>{text.partForm.value}</span>
          <input inputMode="numeric" autocomplete="off" maxLength={13} value={typed} onInput={(event) => setTyped(event.currentTarget.value)} />
        </label>
      </div>
      <label class="check">
        <input type="checkbox" checked={reset} onChange={(event) => setReset(event.currentTarget.checked)} />
        <span>{text.partForm.reset}</span>
      </label>
    </Frame>
  );
}
