import { useEffect, useState } from 'preact/hooks';
import { useLanguage } from '../language';
import { explain, failureOf } from '../problem';
import { pushState, readPush, tryPush, turnOffPush, turnOnPush } from '../push';
import { useStore } from '../store';
import { Section } from './pane';

/** Lets this phone ring for alarms: says how it stands, and what to do where the browser has refused. */
export function PushSection() {
  const { text } = useLanguage();
  const state = useStore(pushState);
  const [words, setWords] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => void readPush(), []);

  async function act(step: () => Promise<void>, done = ''): Promise<void> {
    setBusy(true);
    try {
      await step();
      setWords(done);
    } catch (error) {
      setWords(error instanceof DOMException ? text.push.failed : explain(failureOf(error), text));
    }
    setBusy(false);
  }

  return (
    <Section title={text.push.title}>
      <p class="minor">{text.push.state[state]}</p>
      {state === 'off' && (
        <button type="button" class="button primary" disabled={busy} onClick={() => void act(turnOnPush)}>
          {text.push.turnOn}
        </button>
      )}
      {state === 'on' && (
        <div class="actions">
          <button type="button" class="button" disabled={busy} onClick={() => void act(tryPush, text.push.tried)}>
            {text.push.test}
          </button>
          <button type="button" class="button" disabled={busy} onClick={() => void act(turnOffPush)}>
            {text.push.turnOff}
          </button>
        </div>
      )}
      <p role="status">{words}</p>
    </Section>
  );
}
