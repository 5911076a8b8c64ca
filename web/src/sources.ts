// Everything the screens read, each with the events that may change it.
import { api } from './api';
import { createStore } from './store';
import { ownZone } from './time';
import type { Source } from './resource';
import type {
  Alarm, Device, Duty, Equipment, EquipmentKind, LedgerEntry, LiveEvent, Metric, Notice, Point, Rule, Site, Space, Ticket,
} from './shapes';

// Where no event tells of a change, a look from time to time does. In ms.
const OFTEN = 5_000;
const NOW_AND_THEN = 30_000;
const SELDOM = 300_000;

const ofAlarms = (event: LiveEvent): boolean => event.kind.startsWith('alarm_');
const ofTickets = (event: LiveEvent): boolean => event.kind.startsWith('ticket_') || event.ticket_id !== null;

export const liveAlarms: Source<Alarm[]> = { name: 'alarms', load: api.liveAlarms, concerns: ofAlarms, everyMs: NOW_AND_THEN };
export const duty: Source<Duty[]> = { name: 'duty', load: api.duty, concerns: (event) => event.kind.startsWith('duty_'), everyMs: 60_000 };
export const sites: Source<Site[]> = { name: 'sites', load: readSites, everyMs: SELDOM };
export const spaces: Source<Space[]> = { name: 'spaces', load: api.spaces, everyMs: SELDOM };
export const kinds: Source<EquipmentKind[]> = { name: 'kinds', load: api.equipmentKinds };
export const equipmentList: Source<Equipment[]> = {
  name: 'equipment',
  load: api.equipmentList,
  concerns: (event) => ofAlarms(event) || ofTickets(event),
  everyMs: NOW_AND_THEN,
};
export const openTickets: Source<Ticket[]> = { name: 'tickets/open', load: (signal) => api.openTickets({}, signal), concerns: ofTickets, everyMs: NOW_AND_THEN };
export const myTickets: Source<Ticket[]> = {
  name: 'tickets/mine',
  load: (signal) => api.openTickets({ assignee: 'me' }, signal),
  concerns: ofTickets,
  everyMs: NOW_AND_THEN,
};
export const allTickets: Source<Ticket[]> = { name: 'tickets/all', load: api.tickets, concerns: ofTickets, everyMs: NOW_AND_THEN };

export const alarm = (id: number): Source<Alarm> => ({
  name: `alarms/${id}`,
  load: (signal) => api.alarm(id, signal),
  concerns: (event) => event.alarm_id === id,
});

export const alarmLedger = (id: number): Source<LedgerEntry[]> => ({
  name: `alarms/${id}/ledger`,
  load: (signal) => api.alarmLedger(id, signal),
  concerns: (event) => event.alarm_id === id,
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
});

export const ticketLedger = (id: number): Source<LedgerEntry[]> => ({
  name: `tickets/${id}/ledger`,
  load: (signal) => api.ticketLedger(id, signal),
  concerns: (event) => event.ticket_id === id,
});

/** Alarms that belong together, by id; their order is that of `ids`. */
export const alarmsOf = (ids: readonly number[]): Source<Alarm[]> => ({
  name: `alarms/of/${ids.join(',')}`,
  load: (signal) => Promise.all(ids.map((id) => api.alarm(id, signal))),
  concerns: (event) => event.alarm_id !== null && ids.includes(event.alarm_id),
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

export const devices = (equipmentId: number): Source<Device[]> => ({
  name: `equipment/${equipmentId}/devices`,
  load: (signal) => api.devices(equipmentId, signal),
  everyMs: NOW_AND_THEN,
});

export const rules: Source<Rule[]> = { name: 'rules', load: api.rules, everyMs: SELDOM };
export const rule = (id: number): Source<Rule> => ({ name: `rules/${id}`, load: (signal) => api.rule(id, signal) });
export const ruleVersions = (id: number): Source<Rule[]> => ({ name: `rules/${id}/versions`, load: (signal) => api.ruleVersions(id, signal) });
export const metrics: Source<Metric[]> = { name: 'metrics', load: api.metrics };

const zones = createStore<ReadonlyMap<number, string>>(new Map());

async function readSites(signal: AbortSignal): Promise<Site[]> {
  const found = await api.sites(signal);
  zones.set(new Map(found.map((site) => [site.id, site.timezone])));
  return found;
}

/** The time zone of a site; this phone's own until the sites are read. */
export function zoneOf(siteId: number | null): string {
  const known = zones.get();
  if (siteId !== null) return known.get(siteId) ?? ownZone();
  return known.values().next().value ?? ownZone();
}
