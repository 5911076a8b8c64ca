import type { ComponentChildren, ComponentChild } from 'preact';
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import { inOrder } from './alarm';
import { useLanguage } from './language';
import { explain } from './problem';
import { useResource } from './resource';
import { navigate, place, routeOf, type Route } from './route';
import { AlarmScreen } from './screens/alarm';
import { CalendarScreen } from './screens/calendar';
import { ChannelsScreen } from './screens/channels';
import { CheckScreen } from './screens/check';
import { CheckFormScreen } from './screens/check-form';
import { BudgetScreen } from './screens/budget';
import { BuildingScreen } from './screens/building';
import { EquipmentScreen } from './screens/equipment';
import { EquipmentListScreen } from './screens/equipment-list';
import { IngestScreen } from './screens/ingest';
import { InspectionScreen } from './screens/inspection';
import { LiftsScreen } from './screens/lifts';
import { LiftTestFormScreen } from './screens/lift-test-form';
import { LiftTestScreen } from './screens/lift-test';
import { LiftTestsScreen } from './screens/lift-tests';
import { DutyScreen } from './screens/duty';
import { DutyReportScreen } from './screens/duty-report';
import { PartFormScreen } from './screens/part-form';
import { WarningScreen } from './screens/warning';
import { WarningsScreen } from './screens/warnings';
import { LoginScreen } from './screens/login';
import { MeScreen } from './screens/me';
import { NowScreen } from './screens/now';
import { ReportScreen } from './screens/report';
import { RoundScreen } from './screens/round';
import { RuleDraftScreen } from './screens/rule-draft';
import { RuleScreen } from './screens/rule';
import { RulesScreen } from './screens/rules';
import { ScorecardsScreen } from './screens/scorecards';
import { TicketScreen } from './screens/ticket';
import { TicketsScreen } from './screens/tickets';
import { WindowsScreen } from './screens/windows';
import { may, resume, session } from './session';
import { liveAlarms, sites, zoneOf } from './sources';
import { useStore } from './store';
import { clock } from './time';
import { Frame } from './ui/frame';
import { useWide } from './ui/media';
import { Pane } from './ui/pane';
import { Empty } from './ui/states';

const RETRY_MS = 5000;

export function App() {
  const { text, locale } = useLanguage();
  const state = useStore(session);
  const route = routeOf(useStore(place).path);
  const [error, reset] = useErrorBoundary((reason: unknown) => console.error(reason));
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  useEffect(() => {
    if (state.phase !== 'unreachable') return undefined;
    const timer = setTimeout(() => void resume(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [state]);

  if (error !== undefined) {
    return (
      <Alone>
        <div class="blank" role="alert">
          <h1>{text.problem.crashed}</h1>
          <p>{text.problem.crashedMore}</p>
          <button type="button" class="button primary" onClick={reset}>
            {text.problem.reload}
          </button>
        </div>
      </Alone>
    );
  }
  // An inspector has a link in place of an account.
  if (route.screen === 'inspection') return <InspectionScreen key={route.token} token={route.token} />;
  switch (state.phase) {
    case 'asking':
      return <Alone>{<Starting />}</Alone>;
    case 'unreachable':
      return (
        <Alone>
          <div class="blank" role="alert">
            <h1>{state.failure.kind === 'unreachable' ? text.live.offline(clock(state.since, Date.now(), locale, zoneOf(null))) : text.states.failed}</h1>
            <p>{explain(state.failure, text)}</p>
            <button type="button" class="button primary" onClick={() => void resume()}>
              {text.states.retry}
            </button>
          </div>
        </Alone>
      );
    case 'out':
      return <LoginScreen expired={state.expired} />;
    case 'in':
      return <Inside />;
  }
}

function Inside() {
  const wide = useWide();
  const route = routeOf(useStore(place).path);
  const screen = 'id' in route ? `${route.screen}/${route.id}` : route.screen;
  const first = useRef(true);
  const state = useStore(session);
  const contractor = state.phase === 'in' && state.person.role === 'contractor';
  const home = useStore(place).path;
  // What a contractor comes for is what is due at its elevators.
  useEffect(() => {
    if (contractor && (home === '/' || home === '/login')) navigate('/lifts', 'replace');
  }, [contractor, home]);
  useResource(sites); // for the time zones
  // Whoever listens to the screen or goes by keyboard is told where they are now.
  useEffect(() => {
    if (!first.current) [...document.querySelectorAll<HTMLElement>('.panes > .pane h1')].at(-1)?.focus({ preventScroll: true });
    first.current = false;
  }, [screen]);
  return (
    <Frame route={route} wide={wide}>
      <Title route={route} />
      <Panes route={route} wide={wide} />
      <Announcements />
    </Frame>
  );
}

function One({ route }: { readonly route: Route }): ComponentChild {
  switch (route.screen) {
    case 'now':
      return <NowScreen />;
    case 'alarm':
      return <AlarmScreen key={route.id} id={route.id} />;
    case 'tickets':
      return <TicketsScreen />;
    case 'ticket':
      return <TicketScreen key={route.id} id={route.id} />;
    case 'equipment-list':
      return <EquipmentListScreen />;
    case 'equipment':
      return <EquipmentScreen key={route.id} id={route.id} />;
    case 'building':
      return <BuildingScreen />;
    case 'ingest':
      return <IngestScreen />;
    case 'rules':
      return <RulesScreen />;
    case 'rule':
      return <RuleScreen key={route.id} id={route.id} />;
    case 'budget':
      return <BudgetScreen />;
    case 'scorecards':
      return <ScorecardsScreen />;
    case 'lifts':
      return <LiftsScreen />;
    case 'warnings':
      return <WarningsScreen />;
    case 'warning':
      return <WarningScreen key={route.id} id={route.id} />;
    case 'part-form':
      return <PartFormScreen key={route.id} id={route.id} />;
    case 'duty-report':
      return <DutyReportScreen />;
    case 'lift-tests':
      return <LiftTestsScreen key={route.id} id={route.id} />;
    case 'lift-test':
      return <LiftTestScreen key={route.id} id={route.id} />;
    case 'lift-test-form':
      return <LiftTestFormScreen key={route.id} id={route.id} />;
    case 'rule-draft':
      return <RuleDraftScreen />;
    case 'report':
      return <ReportScreen />;
    case 'windows':
      return <WindowsScreen />;
    case 'duty':
      return <DutyScreen />;
    case 'channels':
      return <ChannelsScreen />;
    case 'me':
      return <MeScreen />;
    case 'round':
      return <RoundScreen />;
    case 'calendar':
      return <CalendarScreen />;
    case 'check':
      return <CheckScreen key={route.id} id={route.id} />;
    case 'check-form':
      return <CheckFormScreen key={`${route.id}/${route.form}`} id={route.id} code={route.form} />;
    case 'inspection':
    case 'unknown':
      return <Unknown />;
  }
}

type Screen = Route['screen'];
interface Group {
  /** Without an id, so that it can be shown beside whichever of its items. */
  readonly list: Exclude<Route, { readonly id: number } | { readonly token: string }>['screen'];
  readonly items: readonly Screen[];
  /** What stands at the right of the list while none of its items is open. */
  readonly Beside: () => ComponentChild;
}

const groups: readonly Group[] = [
  { list: 'now', items: ['alarm'], Beside: BesideAlarms },
  { list: 'tickets', items: ['ticket'], Beside: () => <Choose what="tickets" /> },
  { list: 'equipment-list', items: ['equipment'], Beside: () => <Choose what="equipment" /> },
  { list: 'rules', items: ['rule', 'rule-draft'], Beside: () => <Choose what="rules" /> },
  { list: 'warnings', items: ['warning'], Beside: DutyReportScreen },
  { list: 'lifts', items: ['lift-tests', 'lift-test', 'lift-test-form'], Beside: WarningsScreen },
  { list: 'round', items: ['calendar', 'check', 'check-form'], Beside: CalendarScreen },
];

/** One screen; where there is room its list stands at the left. By their keys each stays what it is when a tablet is turned:
 * an open sheet, and what was typed there. */
function Panes({ route, wide }: { readonly route: Route; readonly wide: boolean }) {
  const group = groups.find((each) => each.list === route.screen || each.items.includes(route.screen));
  const isItem = group?.list !== route.screen;
  return (
    <>
      {group !== undefined && (wide || !isItem) && <One key="list" route={{ screen: group.list }} />}
      {isItem && <One key="item" route={route} />}
      {group !== undefined && wide && !isItem && <group.Beside key="beside" />}
    </>
  );
}

/** Nothing opens by itself: a page that changed with the order of the list could be acknowledged by mistake. */
function BesideAlarms() {
  const { text } = useLanguage();
  return may(useStore(session), 'read:plant') ? <BuildingScreen /> : <Empty title={text.now.choose} />;
}

function Choose({ what }: { readonly what: 'tickets' | 'equipment' | 'rules' }) {
  const { text } = useLanguage();
  return <Empty title={text[what].choose} />;
}

function Unknown() {
  const { text } = useLanguage();
  return (
    <Pane name="unknown" title={text.app.name} backTo="/">
      <Empty title={text.problem.notFound} />
    </Pane>
  );
}

function Starting() {
  const { text } = useLanguage();
  return (
    <p class="blank" role="status">
      {text.live.connecting}
    </p>
  );
}

function Alone({ children }: { readonly children: ComponentChildren }) {
  return (
    <main id="main" class="alone">
      {children}
    </main>
  );
}

function Title({ route }: { readonly route: Route }) {
  const { text } = useLanguage();
  const state = useStore(session);
  const { data } = useResource(may(state, 'read:alarms') ? liveAlarms : null);
  const { unacknowledged, returned } = inOrder(data ?? []);
  const waiting = unacknowledged.length + returned.length;
  const name = {
    now: text.nav.now, alarm: text.alarm.title, tickets: text.tickets.title, ticket: text.tickets.title, 'equipment-list': text.equipment.title,
    equipment: text.equipment.title, building: text.building.title, ingest: text.ingest.title, rules: text.rules.title, rule: text.rules.title, 'rule-draft': text.ruleDraft.title, report: text.report.title, windows: text.windows.title, me: text.me.title, round: text.round.title,
    calendar: text.upkeepCalendar.title, check: text.check.title, 'check-form': text.check.title, inspection: text.inspection.title,
    budget: text.budget.title, scorecards: text.scores.title, lifts: text.lifts.title, warnings: text.warnings.title, warning: text.warnings.title, 'part-form': text.partForm.title, 'duty-report': text.dutyReport.title, 'lift-tests': text.lifts.tests, 'lift-test': text.liftTest.title, 'lift-test-form': text.liftTest.formTitle, duty: text.shifts.title, channels: text.ways.title, unknown: text.app.name,
  }[route.screen];
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${name} · ${text.app.name}`;
  }, [waiting, name, text]);
  return null;
}

/** A new alarm is spoken once by a screen reader, whatever page is open. */
function Announcements() {
  const { text, say } = useLanguage();
  const state = useStore(session);
  const { data } = useResource(may(state, 'read:alarms') ? liveAlarms : null);
  const known = useRef<ReadonlySet<string> | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (data === undefined) return;
    const { unacknowledged } = inOrder(data);
    const key = (id: number, count: number): string => `${id}/${count}`; // an alarm that is raised again is news again
    const fresh = known.current === null ? [] : unacknowledged.filter((alarm) => !known.current!.has(key(alarm.id, alarm.raise_count)));
    known.current = new Set(unacknowledged.map((alarm) => key(alarm.id, alarm.raise_count)));
    if (fresh.length > 0) setWords(fresh.map((alarm) => text.live.newAlarm(`${say(alarm.equipment.name)} ${say(alarm.title)}`)).join(' '));
  }, [data]);
  return (
    <div class="sr-only" role="alert">
      {words}
    </div>
  );
}
