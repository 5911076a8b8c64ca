// Everything the screens read, each with the events that may change it.
import { api } from './api';
import { now } from './clock';
import type { CarTest, CarWarning, CarWithHistory } from './car-shapes';
import * as kept from './kept';
import type { Kept } from './kept';
import { RequestFailed } from './problem';
import { createStore, useStore } from './store';
import { dayAfter, dayIn, ownZone } from './time';
import type { DutyReport, Elevator, LiftTest, LiftWarning, LiftWarningDetail, PartKind, TestForm, TestSummary } from './lift-shapes';
import type { Source } from './resource';
import type {
  Alarm, AlarmReport, Balance, Channel, Check, CheckForm, DatedLimit, Device, Duty, Equipment, EquipmentKind, Gap, LedgerEntry, Letter, LetterFilter, LiveEvent, Metric, Notice, Point,
  Round, Rule, ServiceWindow, Site, Space, StandIn, Swap, Task, Ticket, UnknownDevice,
  Budget, Holiday, OpenDuty, Rota, Part, Scorecards, ReportPlace, ServiceDate, TechnicalFile,
} from './shapes';

// Where no event tells of a change, a look from time to time does. In ms.
const OFTEN = 5_000;
const NOW_AND_THEN = 30_000;
const SELDOM = 300_000;

const ofAlarms = (event: LiveEvent): boolean => event.kind.startsWith('alarm_');
const ofTickets = (event: LiveEvent): boolean => event.kind.startsWith('ticket_') || event.ticket_id !== null;

export const liveAlarms: Source<Alarm[]> = { name: 'alarms', load: api.liveAlarms, concerns: ofAlarms, everyMs: NOW_AND_THEN, keep: true };
export const duty: Source<Duty[]> = { name: 'duty', load: api.duty, concerns: (event) => ofDuty(event), everyMs: 60_000, keep: true };
const FORTNIGHT_MS = 14 * 86_400_000;
const ofDuty = (event: LiveEvent): boolean => event.kind.startsWith('duty_');

export const dutyAhead: Source<Duty[]> = {
  name: 'duty/ahead',
  load: (signal) => api.dutyBetween(new Date(now()).toISOString(), new Date(now() + FORTNIGHT_MS).toISOString(), signal),
  concerns: ofDuty,
  everyMs: SELDOM,
  keep: true,
};
export const dutyGaps: Source<Gap[]> = { name: 'duty/gaps', load: api.dutyGaps, concerns: ofDuty, everyMs: SELDOM };
export const swaps: Source<Swap[]> = { name: 'duty/swaps', load: api.swaps, concerns: ofDuty, everyMs: NOW_AND_THEN };
export const rotas: Source<Rota[]> = { name: 'duty/rotas', load: api.rotas, everyMs: SELDOM };
export const holidays: Source<Holiday[]> = { name: 'duty/holidays', load: api.holidays, everyMs: SELDOM };
export const standIns = (shift: number): Source<StandIn[]> => ({ name: `duty/${shift}/stand-ins`, load: (signal) => api.standIns(shift, signal) });
export const channels: Source<Channel[]> = { name: 'channels', load: api.channels, everyMs: NOW_AND_THEN };
export const people: Source<{ readonly id: number; readonly name: string }[]> = { name: 'people', load: api.people };

export const sites: Source<Site[]> = { name: 'sites', load: async (signal) => (await readSites(signal)).value, everyMs: SELDOM };
export const spaces: Source<Space[]> = { name: 'spaces', load: api.spaces, everyMs: SELDOM };
export const kinds: Source<EquipmentKind[]> = { name: 'kinds', load: api.equipmentKinds };
export const equipmentList: Source<Equipment[]> = {
  name: 'equipment',
  load: api.equipmentList,
  concerns: (event) => ofAlarms(event) || ofTickets(event),
  everyMs: NOW_AND_THEN,
};
export const openTickets: Source<Ticket[]> = { name: 'tickets/open', load: (signal) => api.openTickets({}, signal), concerns: ofTickets, everyMs: NOW_AND_THEN, keep: true };
export const myTickets: Source<Ticket[]> = {
  name: 'tickets/mine',
  load: (signal) => api.openTickets({ assignee: 'me' }, signal),
  concerns: ofTickets,
  everyMs: NOW_AND_THEN,
  keep: true,
};
export const callsDue: Source<Ticket[]> = { name: 'tickets/calls', load: api.ticketCalls, concerns: ofTickets, everyMs: NOW_AND_THEN };
export const allTickets: Source<Ticket[]> = { name: 'tickets/all', load: api.tickets, concerns: ofTickets, everyMs: NOW_AND_THEN };

export const alarm = (id: number): Source<Alarm> => ({
  name: `alarms/${id}`,
  load: (signal) => api.alarm(id, signal),
  concerns: (event) => event.alarm_id === id,
  keep: true,
});

export const alarmLedger = (id: number): Source<LedgerEntry[]> => ({
  name: `alarms/${id}/ledger`,
  load: (signal) => api.alarmLedger(id, signal),
  concerns: (event) => event.alarm_id === id,
  keep: true,
});

// Notices are sent after the event that caused them, and no event tells when one has arrived.
export const alarmNotices = (id: number): Source<Notice[]> => ({
  name: `alarms/${id}/notices`,
  load: (signal) => api.alarmNotices(id, signal),
  concerns: (event) => event.alarm_id === id,
  everyMs: 10_000,
});

export const ticket = (id: number): Source<Ticket> => ({
  name: `tickets/${id}`,
  load: (signal) => api.ticket(id, signal),
  concerns: (event) => event.ticket_id === id,
  keep: true,
});

export const ticketLedger = (id: number): Source<LedgerEntry[]> => ({
  name: `tickets/${id}/ledger`,
  load: (signal) => api.ticketLedger(id, signal),
  concerns: (event) => event.ticket_id === id,
  keep: true,
});

/** Alarms that belong together, by id; their order is that of `ids`. */
export const alarmsOf = (ids: readonly number[]): Source<Alarm[]> => ({
  name: `alarms/of/${ids.join(',')}`,
  load: (signal) => Promise.all(ids.map((id) => api.alarm(id, signal))),
  concerns: (event) => event.alarm_id !== null && ids.includes(event.alarm_id),
  keep: true,
});

export const equipment = (id: number): Source<Equipment> => ({
  name: `equipment/${id}`,
  load: (signal) => api.equipment(id, signal),
  concerns: (event) => event.equipment_id === id,
});

export const equipmentAlarms = (id: number): Source<Alarm[]> => ({
  name: `equipment/${id}/alarms`,
  load: (signal) => api.equipmentAlarms(id, signal),
  concerns: (event) => event.equipment_id === id,
  everyMs: NOW_AND_THEN,
});

export const points = (equipmentId: number): Source<Point[]> => ({
  name: `equipment/${equipmentId}/points`,
  load: (signal) => api.points(equipmentId, signal),
  concerns: (event) => event.equipment_id === equipmentId,
  everyMs: OFTEN,
});

export const point = (id: number): Source<Point> => ({ name: `points/${id}`, load: (signal) => api.point(id, signal), everyMs: OFTEN });

export const equipmentTickets = (id: number): Source<Ticket[]> => ({
  name: `equipment/${id}/tickets`,
  load: (signal) => api.openTickets({ equipment: id }, signal),
  concerns: (event) => event.equipment_id === id,
  everyMs: NOW_AND_THEN,
});

export const reportPlaces = (siteId: number): Source<ReportPlace[]> => ({
  name: `sites/${siteId}/report-places`,
  load: (signal) => api.reportPlaces(siteId, signal),
});

export const devices = (equipmentId: number): Source<Device[]> => ({
  name: `equipment/${equipmentId}/devices`,
  load: (signal) => api.devices(equipmentId, signal),
  everyMs: NOW_AND_THEN,
});

export const rules: Source<Rule[]> = { name: 'rules', load: api.rules, everyMs: SELDOM };
export const rule = (id: number): Source<Rule> => ({ name: `rules/${id}`, load: (signal) => api.rule(id, signal) });
export const ruleVersions = (id: number): Source<Rule[]> => ({ name: `rules/${id}/versions`, load: (signal) => api.ruleVersions(id, signal) });
export const limit = (quantity: string): Source<DatedLimit[]> => ({
  name: `limits/${quantity}`,
  load: (signal) => api.limits(quantity, new Date(now()).toISOString().slice(0, 10), signal),
});
export const alarmReport = (days: number): Source<AlarmReport> => ({
  name: `report/${days}`,
  load: (signal) => api.alarmReport(new Date(now() - days * 86_400_000).toISOString(), signal),
});
export const windows: Source<readonly ServiceWindow[]> = { name: 'windows', load: api.windows, everyMs: NOW_AND_THEN };
export const metrics: Source<Metric[]> = { name: 'metrics', load: api.metrics };
export const balance: Source<Balance> = { name: 'balance', load: api.balance, everyMs: OFTEN };
export const unknownDevices: Source<UnknownDevice[]> = { name: 'unknown-devices', load: api.unknownDevices, everyMs: OFTEN };

export const letters = (filter: LetterFilter, most: number): Source<Letter[]> => ({
  name: `letters/${filter.reason ?? ''}/${filter.device ?? ''}/${most}`,
  load: (signal) => api.letters(filter, most, signal),
  everyMs: OFTEN,
});

const ofChecks = (event: LiveEvent): boolean => event.kind === 'check_recorded' || event.kind.startsWith('upkeep_') || event.kind.startsWith('equipment_imp');

export const equipmentChecks = (id: number): Source<readonly Check[]> => ({
  name: `equipment/${id}/checks`,
  load: (signal) => api.checks(id, signal),
  concerns: (event) => event.kind === 'check_recorded' && event.equipment_id === id,
});

export const technicalFiles = (id: number): Source<readonly TechnicalFile[]> => ({
  name: `equipment/${id}/technical-files`,
  load: (signal) => api.technicalFiles(id, signal),
  concerns: (event) => event.kind === 'technical_file_added',
});

export const check = (id: number): Source<Check> => ({
  name: `checks/${id}`,
  load: (signal) => api.check(id, signal),
  concerns: (event) => event.kind === 'check_recorded',
});

export const upkeep = (site: number, from: string, to: string, on: string): Source<readonly Task[]> => ({
  name: `upkeep/${site}/${from}/${to}/${on}`,
  load: (signal) => api.upkeep({ site, from, to, on }, signal),
  concerns: ofChecks,
});

/** Where the duty is open that an alarm is about. */
export const openDuty = (site: number, plan: string): Source<readonly OpenDuty[]> => ({
  name: `duties/${site}/${plan}`,
  load: (signal) => api.openDuty(site, plan, signal),
  concerns: (event) => ofChecks(event) || event.kind.startsWith('ticket_'),
});

/** What has to be done next at one piece of equipment. */
export const equipmentUpkeep = (siteId: number, id: number, from: string, to: string): Source<readonly Task[]> => ({
  name: `equipment/${id}/upkeep/${from}/${to}`,
  load: (signal) => api.upkeep({ site: siteId, from, to, equipment: id }, signal),
  concerns: (event) => ofChecks(event) && (event.equipment_id === id || event.equipment_id === null),
});

export const serviceDates = (siteId: number, id: number): Source<readonly ServiceDate[]> => ({
  name: `equipment/${id}/service-dates`,
  load: (signal) => api.serviceDates(siteId, id, signal),
  concerns: (event) => event.kind === 'equipment_attributes_changed' && event.equipment_id === id,
});

/** What a round needs is kept on the phone, and comes from there where there is no network. */
export const round = (siteId: number): Source<Kept<Round>> => ({
  name: `round/${siteId}`,
  load: (signal) => orKept(`round/${siteId}`, () => api.round(siteId, signal)),
  concerns: ofChecks,
  everyMs: SELDOM,
});

export const checkForms: Source<Kept<CheckForm[]>> = {
  name: 'check-forms',
  load: (signal) => orKept('check-forms', () => api.checkForms(new Date().toISOString().slice(0, 10), signal)),
};

export const roundSites: Source<Kept<Site[]>> = { name: 'round-sites', load: readSites, everyMs: SELDOM };

async function orKept<T>(name: string, read: () => Promise<T>): Promise<Kept<T>> {
  try {
    const value = await read();
    const fresh = { value, at: now(), old: false };
    // A phone that keeps nothing (private browsing, no room) still shows what there is.
    await kept.put('answers', name, fresh).catch(() => undefined);
    return fresh;
  } catch (error) {
    if (!(error instanceof RequestFailed) || error.failure.kind !== 'unreachable') throw error;
    const before = await kept.get<Kept<T>>('answers', name).catch(() => undefined);
    if (before === undefined) throw error;
    return { ...before, old: true };
  }
}

/** Faults and counters of a day change slowly; the car itself is followed by `useCar`. */
export const car = (id: number): Source<CarWithHistory> => ({
  name: `elevators/${id}/state`,
  load: (signal) => api.car(id, signal),
  concerns: (event) => event.equipment_id === id,
  everyMs: NOW_AND_THEN,
});

export const carTests = (id: number): Source<readonly CarTest[]> => ({
  name: `elevators/${id}/tests/latest`,
  load: (signal) => api.carTests(id, signal),
  concerns: (event) => event.kind.startsWith('elevator_test') && event.equipment_id === id,
});

export const carWarnings = (id: number): Source<CarWarning[]> => ({
  name: `elevators/${id}/warnings`,
  load: (signal) => api.carWarnings(id, signal),
  concerns: (event) => event.kind.startsWith('elevator_warning') && event.equipment_id === id,
});

const ofTests = (event: LiveEvent): boolean => event.kind.startsWith('elevator_test');

/** With what a form for their tests needs, so that one can be filled in where there is no network. */
export const elevators: Source<Kept<Elevator[]>> = {
  name: 'elevators',
  load: (signal) => orKept('elevators', () => api.elevators(signal)),
  concerns: ofTests,
  everyMs: SELDOM,
};

export const testForm: Source<Kept<TestForm>> = { name: 'test-form', load: (signal) => orKept('test-form', () => api.testForm(signal)) };

const DUE_BEFORE = 35;
const DUE_AHEAD = 16;

/** The tasks at the elevators of all sites that are seen: those of the last weeks and of the next half month. */
export const liftDue: Source<Kept<readonly (Task & { readonly site_id: number })[]>> = {
  name: 'lift-due',
  load: (signal) => orKept('lift-due', () => dueOf(signal)),
  concerns: (event) => ofTests(event) || ofChecks(event),
  everyMs: SELDOM,
};

async function dueOf(signal: AbortSignal): Promise<(Task & { readonly site_id: number })[]> {
  const [found, lifts] = await Promise.all([api.sites(signal), api.elevators(signal)]);
  const own = new Set(lifts.map((each) => each.id));
  const tasks = await Promise.all(
    found.map(async (site) => {
      const today = dayIn(now(), site.timezone);
      const there = await api.upkeep({ site: site.id, from: dayAfter(today, -DUE_BEFORE), to: dayAfter(today, DUE_AHEAD) }, signal);
      return there.filter((task) => own.has(task.equipment_id)).map((task) => ({ ...task, site_id: site.id }));
    }),
  );
  return tasks.flat();
}

export const tests = (elevatorId: number): Source<readonly TestSummary[]> => ({
  name: `elevators/${elevatorId}/tests`,
  load: (signal) => api.tests(elevatorId, signal),
  concerns: (event) => ofTests(event) && event.equipment_id === elevatorId,
});

export const test = (id: number): Source<LiftTest> => ({ name: `elevator-tests/${id}`, load: (signal) => api.test(id, signal), concerns: ofTests });

const ofWarnings = (event: LiveEvent): boolean => event.kind.startsWith('elevator_warning');

export const warnings: Source<LiftWarning[]> = { name: 'elevator-warnings', load: api.warnings, concerns: ofWarnings, everyMs: SELDOM };
export const warning = (id: number): Source<LiftWarningDetail> => ({ name: `elevator-warnings/${id}`, load: (signal) => api.warning(id, signal), concerns: ofWarnings });
export const partKinds: Source<PartKind[]> = { name: 'part-kinds', load: api.partKinds };
export const dutyReport = (site: number, from: string, to: string): Source<DutyReport> => ({
  name: `duty-report/${site}/${from}/${to}`,
  load: (signal) => api.dutyReport(site, from, to, signal),
  everyMs: SELDOM,
});

const ofParts = (event: LiveEvent): boolean => event.kind.startsWith('elevator_part_') || event.kind === 'part_inspected' || event.kind === 'elevator_counter_read';

export const parts = (elevatorId: number): Source<Part[]> => ({
  name: `elevators/${elevatorId}/parts`,
  load: (signal) => api.parts(elevatorId, signal),
  concerns: ofParts,
  everyMs: SELDOM,
});

export const budget: Source<Budget> = { name: 'budget', load: api.budget, concerns: ofParts, everyMs: SELDOM };

export const whatIf = (months: number, percent: number): Source<Budget> => ({
  name: `budget/${months}/${percent}`,
  load: async (signal) => (await api.whatIf(months, percent, signal)).changed,
  concerns: ofParts,
});

export const scorecards: Source<Scorecards> = { name: 'scorecards', load: api.scorecards, concerns: ofTickets, everyMs: SELDOM };

const zones = createStore<ReadonlyMap<number, string>>(new Map());

// Kept on the phone, since without them every time would be told by the phone's own zone.
async function readSites(signal: AbortSignal): Promise<Kept<Site[]>> {
  const found = await orKept('sites', () => api.sites(signal));
  zones.set(new Map(found.value.map((site) => [site.id, site.timezone])));
  return found;
}

/** Whether this person sees more than one site, so that a place needs its site's name too. */
export function useManySites(): boolean {
  return useStore(zones).size > 1;
}

/** The time zone of a site; this phone's own until the sites are read. */
export function zoneOf(siteId: number | null): string {
  const known = zones.get();
  if (siteId !== null) return known.get(siteId) ?? ownZone();
  return known.values().next().value ?? ownZone();
}
