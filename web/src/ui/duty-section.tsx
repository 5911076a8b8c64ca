import { useState } from 'preact/hooks';
import { api } from '../api';
import { useLanguage } from '../language';
import { failureOf, type Failure } from '../problem';
import { touch, useResource } from '../resource';
import { session } from '../session';
import type { Alarm, OpenDuty } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { dayWord } from '../time';
import { Link } from './link';
import { NoteSheet, type SheetProps } from './note-sheet';
import { Section } from './pane';
import { Listing, SkeletonRows } from './states';

/** Of an alarm about a duty of the calendar: the pieces at which it is open, their tickets, and the way to waive it. */
export function DutySection({ alarm }: { readonly alarm: Alarm }) {
  const { text, locale, say } = useLanguage();
  const state = useStore(session);
  const pieces = useResource(sources.openDuty(alarm.site.id, alarm.point.key));
  const [asking, setAsking] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const manages = state.phase === 'in' && (state.person.role === 'manager' || state.person.role === 'admin');
  return (
    <Section title={text.duty.title} {...(pieces.data === undefined ? {} : { aside: pieces.data.length })}>
      <Listing of={pieces} loading={text.states.loading} skeleton={<SkeletonRows count={2} />}>
        {(data) =>
          data.length === 0 ? (
            <p class="minor">{text.duty.none}</p>
          ) : (
            <div class="stack">
              <ul class="rows">
                {data.map((piece) => (
                  <li key={piece.equipment_id} class="task-row compact">
                    <Link href={`/equipment/${piece.equipment_id}`} class="row-link">
                      {say(piece.name)} <span class="code">{piece.code}</span>
                    </Link>
                    {piece.ticket_id !== null && <Link href={`/tickets/${piece.ticket_id}`}>{text.duty.ticket(piece.ticket_id)}</Link>}
                    <span class="minor">{text.duty.should(dayWord(piece.last, locale))}</span>
                  </li>
                ))}
              </ul>
              {manages ? (
                <div class="actions">
                  <button type="button" class="button" onClick={() => setAsking(true)}>
                    {text.duty.waive}
                  </button>
                </div>
              ) : (
                <p class="minor">{text.duty.waiveManager}</p>
              )}
            </div>
          )
        }
      </Listing>
      {asking && pieces.data !== undefined && (
        <WaiveSheet pieces={pieces.data} sending={sending} failure={failure} close={close} submit={waive} />
      )}
    </Section>
  );

  function close(): void {
    setAsking(false);
    setFailure(null);
  }

  function waive(chosen: readonly number[], reason: string): void {
    setSending(true);
    setFailure(null);
    api
      .waiveDuty(alarm.site.id, alarm.point.key, chosen, reason)
      .then(() => {
        for (const name of [`duties/${alarm.site.id}/${alarm.point.key}`, 'alarms', `alarms/${alarm.id}`, `alarms/${alarm.id}/ledger`]) touch(name);
        setAsking(false);
      })
      .catch((error: unknown) => setFailure(failureOf(error)))
      .finally(() => setSending(false));
  }
}

type WaiveProps = Omit<SheetProps, 'submit'> & {
  readonly pieces: readonly OpenDuty[];
  readonly submit: (chosen: readonly number[], reason: string) => void;
};

function WaiveSheet({ pieces, submit, ...sheet }: WaiveProps) {
  const { text, say } = useLanguage();
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const chosen = pieces.map((piece) => piece.equipment_id).filter((id) => !left.has(id));
  const put = (ids: readonly number[], taken: boolean): void => {
    const next = new Set(left);
    for (const id of ids) if (taken) next.delete(id); else next.add(id);
    setLeft(next);
  };
  return (
    <NoteSheet
      {...sheet}
      title={text.duty.waiveTitle}
      label={text.duty.waiveReason}
      hint={text.duty.waiveHint}
      action={text.duty.waiveDo(chosen.length)}
      ready={chosen.length > 0}
      submit={(reason) => submit(chosen, reason)}
    >
      <fieldset class="choices">
        <legend>{text.duty.waiveWhich}</legend>
        {pieces.length > 1 && (
          <label class="check">
            <input
              type="checkbox"
              checked={chosen.length === pieces.length}
              onChange={(event) => put(pieces.map((piece) => piece.equipment_id), event.currentTarget.checked)}
            />
            <span>{text.duty.all}</span>
          </label>
        )}
        <div class="choices-list">
          {pieces.map((piece) => (
            <label key={piece.equipment_id} class="check">
              <input type="checkbox" checked={!left.has(piece.equipment_id)} onChange={(event) => put([piece.equipment_id], event.currentTarget.checked)} />
              <span>
                {say(piece.name)} <span class="code">{piece.code}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    </NoteSheet>
  );
}
