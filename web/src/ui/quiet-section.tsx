import { useState } from 'preact/hooks';
import { api } from '../api';
import { now } from '../clock';
import { useLanguage } from '../language';
import { explain, failureOf, type Failure } from '../problem';
import { amend, touch } from '../resource';
import { may, session } from '../session';
import type { Alarm } from '../shapes';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { clock, shortDuration } from '../time';
import { NoteSheet, type SheetProps } from './note-sheet';
import { Section } from './pane';
import { Segmented } from './segmented';

const HOUR = 3_600_000;

/** Why nobody is called for an alarm, until when, and the ways to put it away, to take it back and to reset it. */
export function QuietSection({ alarm }: { readonly alarm: Alarm }) {
  const { text, locale, say } = useLanguage();
  const state = useStore(session);
  const [sheet, setSheet] = useState<'shelve' | 'reset' | null>(null);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const allowed = may(state, 'write:alarms');
  const { shelving } = alarm;
  const asked = shelving !== null && !shelving.in_force;
  const mine = state.phase === 'in' && shelving?.requested_by.id === state.person.id;
  const live = alarm.cleared_at === null;
  if (alarm.quiet === null && shelving === null && !(allowed && live)) return null;

  const at = (moment: string): string => clock(Date.parse(moment), now(), locale, zoneOf(alarm.site.id));
  const why = (): string | null => {
    if (alarm.quiet === null) return null;
    if (alarm.quiet === 'out_of_service' && alarm.window !== null) return text.quiet.window(alarm.window.reason, alarm.window.author.name, at(alarm.window.ends_at));
    const source = alarm.suppression?.source;
    return source == null ? text.quiet.long[alarm.quiet] : `${text.quiet.long[alarm.quiet]}${text.colon}${say(source.name)}`;
  };

  return (
    <Section title={text.quiet.title}>
      <div class="stack">
      {why() !== null && <p class="strong">{why()}</p>}
      {shelving !== null && (
        <p>
          {(asked ? text.quiet.asked : text.quiet.shelvedBy)(shelving.requested_by.name, at(shelving.expires_at))}
          {shelving.kind === 'one_shot' && ` ${text.quiet.orOver}`} <q>{shelving.reason}</q>
          {shelving.confirmed_by !== null && ` · ${text.quiet.confirmedBy(shelving.confirmed_by.name)}`}
        </p>
      )}
      {alarm.quiet !== null && alarm.quiet !== 'flood' && alarm.quiet !== 'shadow' && <p class="minor">{text.quiet.stillJudged}</p>}
      {asked && mine && <p class="note">{text.quiet.waitsForSecond}</p>}
      {failure !== null && sheet === null && (
        <p class="fault" role="alert">
          {explain(failure, text)}
        </p>
      )}
      {allowed && live && (
        <div class="actions">
          {shelving === null && (
            <button type="button" class="button" onClick={() => setSheet('shelve')}>
              {text.quiet.shelve}
            </button>
          )}
          {shelving !== null && step(asked ? text.quiet.withdraw : text.quiet.unshelve, '', () => api.unshelve(alarm.id))}
          {asked && !mine && step(text.quiet.confirm, 'primary', () => api.confirmShelving(alarm.id))}
          {alarm.state === 'latched' && (
            <button type="button" class="button primary" onClick={() => setSheet('reset')}>
              {text.quiet.reset}
            </button>
          )}
        </div>
      )}
      </div>
      {sheet === 'shelve' && <ShelveSheet {...common()} alarm={alarm} submit={(kind, until, reason) => settle(api.shelve(alarm.id, kind, until, reason))} />}
      {sheet === 'reset' && (
        <NoteSheet {...common()} title={text.quiet.resetTitle} label={text.quiet.resetNote} hint={text.quiet.resetHint} action={text.quiet.reset} submit={(reason) => settle(api.reset(alarm.id, reason))} />
      )}
    </Section>
  );

  function step(label: string, style: string, work: () => Promise<Alarm>) {
    return (
      <button type="button" class={`button ${style}`} disabled={sending} onClick={() => settle(work())}>
        {label}
      </button>
    );
  }

  function common() {
    return {
      sending,
      failure,
      close: () => {
        setSheet(null);
        setFailure(null);
      },
    };
  }

  function settle(work: Promise<Alarm>): void {
    setSending(true);
    setFailure(null);
    work
      .then((changed) => {
        amend<Alarm>(`alarms/${alarm.id}`, () => changed);
        for (const name of ['alarms', `alarms/${alarm.id}/ledger`]) touch(name);
        setSheet(null);
      })
      .catch((error: unknown) => setFailure(failureOf(error)))
      .finally(() => setSending(false));
  }
}

type ShelveProps = Omit<SheetProps, 'submit'> & {
  readonly alarm: Alarm;
  readonly submit: (kind: 'timed' | 'one_shot', until: number | null, reason: string) => void;
};

/** How long is chosen among what is allowed; forever is not among it. */
function ShelveSheet({ alarm, submit, ...props }: ShelveProps) {
  const { text } = useLanguage();
  const longest = alarm.shelve_longest_s * 1000;
  const lengths = [1, 4, 8, 24].filter((hours) => hours * HOUR <= longest);
  const [choice, setChoice] = useState(String(lengths[0]));
  return (
    <NoteSheet
      {...props}
      title={text.quiet.shelveTitle}
      label={text.quiet.shelveNote}
      hint={alarm.life_safety ? text.quiet.shelveTwo(shortDuration(longest, text)) : text.quiet.shelveHint(shortDuration(longest, text))}
      action={alarm.life_safety ? text.quiet.shelveAsk : text.quiet.shelve}
      submit={(reason) => (choice === 'over' ? submit('one_shot', null, reason) : submit('timed', now() + Number(choice) * HOUR, reason))}
    >
      <Segmented
        label={text.quiet.howLong}
        name="shelve"
        value={choice}
        options={[...lengths.map((hours) => ({ value: String(hours), label: shortDuration(hours * HOUR, text) })), { value: 'over', label: text.quiet.untilOver }]}
        choose={setChoice}
      />
    </NoteSheet>
  );
}
