import type { ComponentChildren } from 'preact';
import { inOrder } from '../alarm';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import type { Route } from '../route';
import { may, session, type SessionState } from '../session';
import { liveAlarms } from '../sources';
import { useStore } from '../store';
import { OfflineBanner } from './banner';
import { Icon } from './icon';
import { Link } from './link';
import { Glyph } from './severity';

interface FrameProps {
  readonly route: Route;
  readonly wide: boolean;
  readonly children: ComponentChildren;
}

type Tab = 'now' | 'tickets' | 'round' | 'lifts' | 'equipment' | 'building' | 'me';

const tabOf: Readonly<Record<Route['screen'], Tab | null>> = {
  now: 'now', alarm: 'now', tickets: 'tickets', ticket: 'tickets', 'equipment-list': 'equipment', equipment: 'equipment',
  building: 'building', ingest: 'me', rules: 'me', rule: 'me', 'rule-draft': 'me', report: 'me', windows: 'me', duty: 'me', channels: 'me', me: 'me', budget: 'me', scorecards: 'me', lifts: 'lifts', warnings: 'lifts', warning: 'lifts', 'part-form': 'equipment', 'duty-report': 'lifts', 'lift-tests': 'lifts', 'lift-test': 'lifts', 'lift-test-form': 'lifts', round: 'round', calendar: 'round', 'check-form': 'round', check: 'round', inspection: null, unknown: null,
};
const icons = { now: 'alarms', tickets: 'tickets', round: 'round', lifts: 'lifts', equipment: 'equipment', building: 'building', me: 'me' } as const;

/** The menu below the thumb, or at the left of a wide screen, around whatever is open. */
export function Frame({ route, wide, children }: FrameProps) {
  const { text } = useLanguage();
  const state = useStore(session);
  const chosen = tabOf[route.screen];
  const inside = 'id' in route || route.screen === 'calendar' || route.screen === 'budget' || route.screen === 'scorecards' || route.screen === 'warnings' || route.screen === 'duty-report';
  return (
    <div class={`frame${wide ? ' is-wide' : ''}${inside ? ' is-inside' : ''}`}>
      <a class="skip" href="#main">
        {text.app.skip}
      </a>
      <OfflineBanner />
      <main id="main" class="panes">
        {children}
      </main>
      {(wide || !inside) && (
        <nav class="menu" aria-label={text.nav.label}>
          {tabs(state, wide).map((tab) => (
            <Link key={tab} href={`/${tab}`} class={tab === chosen ? 'is-chosen' : ''}>
              <span class="menu-icon">
                <Icon name={icons[tab]} />
                {tab === 'now' && <Waiting />}
              </span>
              <span class="menu-word">{text.nav[tab]}</span>
            </Link>
          ))}
        </nav>
      )}
    </div>
  );
}

/** Only what this person may see is in the menu; the server decides again on every request. */
function tabs(state: SessionState, wide: boolean): Tab[] {
  const contractor = state.phase === 'in' && state.person.role === 'contractor';
  const all: readonly [Tab, boolean][] = [
    ['lifts', contractor && may(state, 'read:tests')],
    ['now', may(state, 'read:alarms')],
    ['tickets', may(state, 'read:tickets')],
    ['round', (wide || !contractor) && may(state, 'read:tests')],
    ['lifts', wide && !contractor && may(state, 'read:tests')],
    ['equipment', may(state, 'read:plant')],
    ['building', wide && may(state, 'read:plant')],
    ['me', true],
  ];
  return all.filter(([, allowed]) => allowed).map(([tab]) => tab);
}

/** How many alarms wait for somebody, with the shape of the worst. */
function Waiting() {
  const { text } = useLanguage();
  const state = useStore(session);
  const { data } = useResource(may(state, 'read:alarms') ? liveAlarms : null);
  const { unacknowledged, returned } = inOrder(data ?? []);
  const first = unacknowledged[0] ?? returned[0];
  if (first === undefined) return null;
  const count = unacknowledged.length + returned.length;
  return (
    <span class="waiting">
      <Glyph severity={first.severity} state={first.state} />
      <span aria-hidden="true">{count}</span>
      <span class="sr-only">{text.now.unacknowledged(count)}</span>
    </span>
  );
}
