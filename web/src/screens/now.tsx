import { inOrder } from '../alarm';
import { useNow } from '../clock';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { session } from '../session';
import type { Alarm, Duty } from '../shapes';
import { duty, liveAlarms, zoneOf } from '../sources';
import { useStore } from '../store';
import { clock } from '../time';
import { AlarmRow } from '../ui/alarm-row';
import { LiveWord } from '../ui/banner';
import { Pane, Section } from '../ui/pane';
import { Empty, Listing, SkeletonRows } from '../ui/states';

/** What needs somebody now: to be acknowledged first, the worst and the longest waiting on top. */
export function NowScreen() {
  const { text } = useLanguage();
  const alarms = useResource(liveAlarms);
  return (
    <Pane name="now" title={alarms.data === undefined ? text.now.title : headline(alarms.data)} under={<OnDuty />}>
      <Listing
        of={alarms}
        loading={text.now.loading}
        skeleton={<SkeletonRows count={3} tall />}
        isEmpty={(data) => data.length === 0}
        empty={<Empty>{text.now.calmMore}</Empty>}
      >
        {(data) => {
          const { unacknowledged, acknowledged, returned, quiet } = inOrder(data);
          return (
            <>
              <Group title={text.now.sectionUnacknowledged} alarms={unacknowledged} />
              <Group title={text.now.sectionAcknowledged} alarms={acknowledged} />
              <Group title={text.now.sectionReturned} alarms={returned} />
              {quiet.length > 0 && (
                <details class="folded">
                  <summary>{text.now.quiet(quiet.length)}</summary>
                  <ul class="rows">
                    {quiet.map((alarm) => (
                      <AlarmRow key={alarm.id} alarm={alarm} />
                    ))}
                  </ul>
                </details>
              )}
            </>
          );
        }}
      </Listing>
    </Pane>
  );

  function headline(data: readonly Alarm[]): string {
    const { unacknowledged, acknowledged, returned } = inOrder(data);
    const waiting = unacknowledged.length + returned.length;
    if (waiting > 0) return text.now.unacknowledged(waiting);
    return acknowledged.length > 0 ? text.now.allAcknowledged(acknowledged.length) : text.now.calm;
  }
}

function Group({ title, alarms }: { readonly title: string; readonly alarms: readonly Alarm[] }) {
  if (alarms.length === 0) return null;
  return (
    <Section title={title} aside={alarms.length}>
      <ul class="rows">
        {alarms.map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm} />
        ))}
      </ul>
    </Section>
  );
}

function OnDuty() {
  const { text } = useLanguage();
  const { data, failure } = useResource(duty);
  const state = useStore(session);
  if (data === undefined) return <LiveWord />;
  const mine = state.phase === 'in' && data.some((each) => each.person.id === state.person.id);
  return (
    <>
      {failure === undefined && <LiveWord />}
      {data.length === 0 ? (
        <span class="duty nobody">{text.now.nobody}</span>
      ) : (
        <span class="duty">
          {mine ? text.now.onDutyYou : `${text.now.onDuty} ${names(data)}`}
          {data.length === 1 && <Until duty={data[0]!} />}
        </span>
      )}
    </>
  );
}

function names(data: readonly Duty[]): string {
  return [...new Set(data.map((each) => each.person.name))].join(' · ');
}

function Until({ duty }: { readonly duty: Duty }) {
  const { text, locale } = useLanguage();
  const now = useNow();
  if (duty.ends_at === null) return null;
  return <span class="minor"> {text.time.until(clock(Date.parse(duty.ends_at), now, locale, zoneOf(duty.site_id)))}</span>;
}
