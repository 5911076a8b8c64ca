// The typed client of the API. Every call answers with its shape or throws `RequestFailed`; nothing else comes out.
import type { CarTest, CarWarning, CarWithHistory } from './car-shapes';
import { learn } from './clock';
import { unfinished } from './ticket';
import { refused, RequestFailed } from './problem';
import type { DutyReport, Elevator, LiftTest, LiftWarning, LiftWarningDetail, PartKind, NewTest, TestForm, TestSummary, Uploaded } from './lift-shapes';
import type {
  Adoption, Alarm, AlarmReport, Balance, Channel, Check, CheckForm, DatedLimit, Device, Duty, Equipment, EquipmentKind, Gap, Inspection, LedgerEntry, Letter, LetterFilter, Locale, Metric,
  NewChannel, NewCheck, NewWindow, Notice, Page, PhotoPurpose, Point, Preview, Reading, Round, Rule, ServiceWindow, Session, Site, Space, StandIn, Steps, Swap, Task, Ticket, Trial, UnknownDevice,
  Budget, Holiday, NewRota, NewShift, OpenDuty, Rota, Part, RegisterEntry, Scorecards, LocalText, ReportPlace, TechnicalFile, NewTechnicalFile,
} from './shapes';

export const BASE = '/api/v1';
const PATIENCE_MS = 15_000;
const PATIENCE_FILE_MS = 120_000;
/** The most that the API hands out in one page. */
export const PAGE = 500;

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

interface Sending {
  readonly query?: Query;
  readonly body?: unknown;
  /** Instead of a body: files, which take their time. */
  readonly form?: FormData;
  readonly signal?: AbortSignal | undefined;
  /** The version that a change was made from: who was quicker is not overwritten. */
  readonly version?: number;
  /** A number of its own: the same request again is answered again, not done again. */
  readonly key?: string;
  /** Instead of a body: a file as it is. */
  readonly file?: Blob;
  /** Lets the request outlive the page, for what a person did just before leaving. */
  readonly keepalive?: boolean;
}

let spoken: () => Locale = () => 'zh-CN';

/** `locale` says in which language this phone is read: so the server says what is wrong with an entry. */
export function speak(locale: () => Locale): void {
  spoken = locale;
}

let loggedOut: () => void = () => undefined;

/** `listener` is called when the server no longer knows this session. */
export function onLoggedOut(listener: () => void): void {
  loggedOut = listener;
}

async function send(method: string, path: string, { query, body, form, file, signal, keepalive, version, key }: Sending = {}): Promise<Response> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), form === undefined && file === undefined ? PATIENCE_MS : PATIENCE_FILE_MS);
  const give = (): void => patience.abort();
  signal?.addEventListener('abort', give);
  const asked = Date.now();
  try {
    const answer = await fetch(BASE + path + search(query), {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        'Accept-Language': spoken(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(file === undefined ? {} : { 'Content-Type': file.type }),
        ...(key === undefined ? {} : { 'Idempotency-Key': key }),
        ...(version === undefined ? {} : { 'If-Match': `"${version}"` }),
      },
      body: form ?? file ?? (body === undefined ? null : JSON.stringify(body)),
      signal: patience.signal,
      keepalive: keepalive ?? false,
      cache: 'no-store',
    });
    learn(answer.headers.get('Date'), asked, Date.now());
    if (!answer.ok) throw new RequestFailed(refused(answer.status, await problem(answer), answer.headers.get('Retry-After')));
    return answer;
  } catch (error) {
    if (error instanceof RequestFailed) throw error;
    throw new RequestFailed({ kind: 'unreachable' });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', give);
  }
}

async function ask<T>(method: string, path: string, sending?: Sending): Promise<T> {
  try {
    const answer = await send(method, path, sending);
    return (await answer.json()) as T;
  } catch (error) {
    if (!(error instanceof RequestFailed)) throw new RequestFailed({ kind: 'unreachable' }); // cut off in the middle
    if (error.failure.kind === 'refused' && error.failure.status === 401) loggedOut();
    throw error;
  }
}

async function all<T>(path: string, query: Query, signal?: AbortSignal, most = 2000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await ask('GET', path, { query: { limit: PAGE, ...query, cursor }, signal });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null && items.length < most);
  return items;
}

/** Where a file that is no photo lies, for its hash. */
export const fileAt = (sha256: string): string => `${BASE}/files/${sha256}`;

/** Where a photo lies, for its hash: small, and as it was sent. */
export const photoAt = (sha256: string) => ({ small: `${BASE}/photos/${sha256}/preview`, whole: `${BASE}/photos/${sha256}` });

export const api = {
  /** A wrong password is a 401 of its own meaning: it ends no session. */
  async logIn(username: string, password: string): Promise<void> {
    await send('POST', '/session', { body: { username, password } });
  },
  async session(): Promise<Session> {
    return (await (await send('GET', '/session')).json()) as Session;
  },
  /** The language in which this person is told of alarms, too. */
  changeLocale: (locale: Locale) => ask<Session>('PATCH', '/session', { body: { locale } }),
  pushKey: () => ask<{ readonly key: string }>('GET', '/push/key'),
  subscribe: (subscription: PushSubscriptionJSON) => ask<{ readonly id: number }>('POST', '/push/subscriptions', { body: subscription }),
  unsubscribe: async (id: number): Promise<void> => {
    await send('DELETE', `/push/subscriptions/${id}`);
  },
  channels: (signal?: AbortSignal) => all<Channel>('/channels', {}, signal),
  addChannel: (channel: NewChannel) => ask<Channel & { readonly secret: string | null }>('POST', '/channels', { body: channel }),
  changeChannel: (channel: Channel, changes: { readonly enabled: boolean }) => ask<Channel>('PATCH', `/channels/${channel.id}`, { body: changes, version: channel.version }),
  testChannel: (id: number) => ask<Notice>('POST', `/channels/${id}/test`),
  channelTest: (id: number, test: number) => ask<Notice>('GET', `/channels/${id}/notices/${test}`),
  people: (signal?: AbortSignal) => all<{ readonly id: number; readonly name: string }>('/people', { disabled: false }, signal),
  async logOut(): Promise<void> {
    await send('DELETE', '/session');
  },

  duty: (signal?: AbortSignal) => all<Duty>('/duty', {}, signal),
  dutyBetween: (from: string, to: string, signal?: AbortSignal) => all<Duty>('/duty', { from, to }, signal),
  dutyGaps: (signal?: AbortSignal) => all<Gap>('/duty/gaps', {}, signal),
  swaps: (signal?: AbortSignal) => all<Swap>('/duty-swaps', {}, signal),
  standIns: (shift: number, signal?: AbortSignal) => all<StandIn>(`/duty/${shift}/stand-ins`, {}, signal),
  askSwap: (shift: number, person: number) => ask<Swap>('POST', `/duty/${shift}/swaps`, { body: { person_id: person } }),
  giveShift: (shift: number, person: number) => ask<Duty>('POST', `/duty/${shift}/swap`, { body: { person_id: person } }),
  answerSwap: async (swap: number, how: 'accept' | 'decline' | 'withdraw') => void (await send('POST', `/duty-swaps/${swap}/${how}`)),
  addShift: (shift: NewShift) => ask<Duty>('POST', '/duty', { body: shift }),
  rotas: (signal?: AbortSignal) => all<Rota>('/rotas', {}, signal),
  addRota: (rota: NewRota) => ask<Rota>('POST', '/rotas', { body: rota }),
  planRota: (id: number) => ask<Rota>('POST', `/rotas/${id}/plan`),
  endRota: async (rota: Rota) => void (await send('DELETE', `/rotas/${rota.id}`, { version: rota.version })),
  holidays: (signal?: AbortSignal) => all<Holiday>('/holidays', {}, signal),
  addHoliday: (holiday: Holiday) => ask<Holiday>('POST', '/holidays', { body: holiday }),
  sites: (signal?: AbortSignal) => all<Site>('/sites', {}, signal),
  spaces: (signal?: AbortSignal) => all<Space>('/spaces', {}, signal),
  equipmentKinds: (signal?: AbortSignal) => all<EquipmentKind>('/equipment-kinds', {}, signal),
  equipmentList: (signal?: AbortSignal) => all<Equipment>('/equipment', {}, signal),
  equipment: (id: number, signal?: AbortSignal) => ask<Equipment>('GET', `/equipment/${id}`, { signal }),
  devices: (equipmentId: number, signal?: AbortSignal) => all<Device>('/devices', { equipment: equipmentId }, signal),
  points: (equipmentId: number, signal?: AbortSignal) => all<Point>('/points', { equipment: equipmentId }, signal),
  point: (id: number, signal?: AbortSignal) => ask<Point>('GET', `/points/${id}`, { signal }),
  /** One page, the latest first. `from` and `to` in ms since 1970. */
  readings: (pointId: number, from: number, to: number, cursor: string | null, signal?: AbortSignal) =>
    ask<Page<Reading>>('GET', `/points/${pointId}/readings`, {
      query: { from: instant(from), to: instant(to), order: 'desc', limit: PAGE, cursor },
      signal,
    }),
  /** As many steps as a screen can show. */
  steps: (pointId: number, from: number, to: number, signal?: AbortSignal) =>
    ask<Steps>('GET', `/points/${pointId}/readings`, { query: { from: instant(from), to: instant(to), step: 'auto' }, signal }),

  balance: (signal?: AbortSignal) => ask<Balance>('GET', '/ingest/balance', { query: { limit: PAGE }, signal }),
  /** Dead letters, the newest first, `most` of them at most. */
  letters: (filter: LetterFilter, most: number, signal?: AbortSignal) => all<Letter>('/rejects', { ...filter, limit: 50 }, signal, most),
  replay: (what: { readonly ids: readonly number[] } | { readonly filter: LetterFilter }) =>
    ask<{ readonly requested: number }>('POST', '/rejects/replay', { body: what }),
  unknownDevices: (signal?: AbortSignal) => all<UnknownDevice>('/unknown-devices', {}, signal),
  adopt: (id: number, adoption: Adoption) =>
    ask<{ readonly device_id: number; readonly replayed: number }>('POST', `/unknown-devices/${id}/adopt`, { body: adoption }),

  liveAlarms: (signal?: AbortSignal) => all<Alarm>('/alarms', { state: 'live' }, signal),
  equipmentAlarms: (equipmentId: number, signal?: AbortSignal) => all<Alarm>('/alarms', { state: 'live', equipment: equipmentId }, signal),
  alarm: (id: number, signal?: AbortSignal) => ask<Alarm>('GET', `/alarms/${id}`, { signal }),
  /** `actedAt`: when it was tapped, which may be long before it arrives. */
  acknowledge: (id: number, actedAt: string, keepalive = false) =>
    ask<Alarm>('POST', `/alarms/${id}/acknowledge`, { body: { acted_at: actedAt }, keepalive }),
  /** In the name of whom the message was for, whoever is signed in. */
  acknowledgeMessage: async (token: string, actedAt: string): Promise<void> => {
    await send('POST', `/messages/${token}/acknowledge`, { body: { acted_at: actedAt } });
  },
  shelve: (id: number, kind: 'timed' | 'one_shot', until: number | null, reason: string) =>
    ask<Alarm>('POST', `/alarms/${id}/shelve`, { body: { kind, reason, until: until === null ? null : instant(until) } }),
  confirmShelving: (id: number) => ask<Alarm>('POST', `/alarms/${id}/shelve/confirm`),
  unshelve: (id: number) => ask<Alarm>('POST', `/alarms/${id}/unshelve`, { body: {} }),
  reset: (id: number, reason: string) => ask<Alarm>('POST', `/alarms/${id}/reset`, { body: { reason } }),
  alarmLedger: (id: number, signal?: AbortSignal) => all<LedgerEntry>(`/alarms/${id}/ledger`, {}, signal),
  alarmNotices: (id: number, signal?: AbortSignal) => all<Notice>(`/alarms/${id}/notices`, {}, signal),

  rules: (signal?: AbortSignal) => all<Rule>('/rules', {}, signal),
  rule: (id: number, signal?: AbortSignal) => ask<Rule>('GET', `/rules/${id}`, { signal }),
  ruleVersions: (id: number, signal?: AbortSignal) => all<Rule>(`/rules/${id}/versions`, {}, signal, 100),
  changeRule: (id: number, version: number, body: unknown) => ask<Rule>('PUT', `/rules/${id}`, { body, version }),
  /** What the change would have changed in the last week. */
  previewRule: (id: number, body: unknown) => ask<Preview>('POST', `/rules/${id}/preview`, { body }),
  /** What a rule that is not there yet would have raised in the last week. */
  backtest: (rule: unknown) => ask<Trial>('POST', '/rules/backtest', { body: { rule } }),
  addRule: (rule: unknown) => ask<Rule>('POST', '/rules', { body: rule }),
  limits: (quantity: string, on: string, signal?: AbortSignal) => all<DatedLimit>('/limits', { quantity, on }, signal),
  alarmReport: (from: string, signal?: AbortSignal) => ask<AlarmReport>('GET', '/alarms/kpi', { query: { from }, signal }),
  /** The latest start first, as many as one page holds. */
  windows: async (signal?: AbortSignal) => (await ask<Page<ServiceWindow>>('GET', '/service-windows', { query: { limit: 100 }, signal })).items,
  addWindow: (window: NewWindow) => ask<ServiceWindow>('POST', '/service-windows', { body: window }),
  endWindow: (window: ServiceWindow, at: string) => ask<ServiceWindow>('PATCH', `/service-windows/${window.id}`, { body: { ends_at: at }, version: window.version }),
  confirmWindow: (window: ServiceWindow) => ask<ServiceWindow>('POST', `/service-windows/${window.id}/confirm`, { version: window.version }),
  cancelWindow: async (window: ServiceWindow) => void (await send('DELETE', `/service-windows/${window.id}`, { version: window.version })),
  metrics: (signal?: AbortSignal) => all<Metric>('/metrics', {}, signal),

  openTickets: (query: { readonly assignee?: 'me'; readonly equipment?: number }, signal?: AbortSignal) =>
    all<Ticket>('/tickets', { ...query, state: unfinished }, signal),
  /** The latest deadlines, open and closed, as many as one page holds. */
  tickets: (signal?: AbortSignal) => all<Ticket>('/tickets', { order: 'desc' }, signal, PAGE),
  /** Closed ones after which somebody has yet to be called. */
  ticketCalls: (signal?: AbortSignal) => all<Ticket>('/tickets', { call_due: true }, signal),
  ticket: (id: number, signal?: AbortSignal) => ask<Ticket>('GET', `/tickets/${id}`, { signal }),
  ticketLedger: (id: number, signal?: AbortSignal) => all<LedgerEntry>(`/tickets/${id}/ledger`, {}, signal),
  accept: (id: number) => ask<Ticket>('POST', `/tickets/${id}/accept`, { body: {} }),
  repaired: (id: number, note: string) => ask<Ticket>('POST', `/tickets/${id}/repaired`, { body: { note } }),
  close: (id: number, note: string) => ask<Ticket>('POST', `/tickets/${id}/close`, { body: { note } }),
  arrive: (id: number) => ask<Ticket>('POST', `/tickets/${id}/arrive`, { body: {} }),
  explainLate: (id: number, note: string) => ask<Ticket>('POST', `/tickets/${id}/reasons`, { body: { note } }),
  reportPlaces: (site: number, signal?: AbortSignal) => all<ReportPlace>('/report-places', { site }, signal),
  revokeReportPlace: (id: number) => ask<ReportPlace>('POST', `/report-places/${id}/revoke`),
  makeReportPlace: (equipment_id: number, name: LocalText) => ask<ReportPlace>('POST', '/report-places', { body: { equipment_id, name } }),
  followUp: (id: number, result: string, satisfied: boolean) => ask<Ticket>('POST', `/tickets/${id}/follow-up`, { body: { result, satisfied } }),
  reopen: (id: number, note: string) => ask<Ticket>('POST', `/tickets/${id}/reopen`, { body: { note } }),
  verify: (id: number, note: string) => ask<Ticket>('POST', `/tickets/${id}/verify`, { body: { note } }),
  signException: (id: number, note: string, password: string) => ask<Ticket>('POST', `/tickets/${id}/exception`, { body: { note, password } }),
  askHold: (id: number, note: string, substitute: string, until: string) =>
    ask<Ticket>('POST', `/tickets/${id}/holds`, { body: { note, substitute, until } }),
  approveHold: (id: number, hold: number) => ask<Ticket>('POST', `/tickets/${id}/holds/${hold}/approve`, { body: {} }),
  refuseHold: (id: number, hold: number, note: string) => ask<Ticket>('POST', `/tickets/${id}/holds/${hold}/refuse`, { body: { note } }),
  resumeTicket: (id: number) => ask<Ticket>('POST', `/tickets/${id}/resume`, { body: {} }),
  /** Sends the picture as the camera made it, then makes it evidence of the ticket. */
  async photograph(ticket: Ticket, file: File, purpose: PhotoPurpose): Promise<Ticket> {
    const sha256 = await api.uploadPhoto(ticket.equipment.id, file, takenAt(file));
    return ask<Ticket>('POST', `/tickets/${ticket.id}/photos`, { body: { photos: [{ sha256, purpose }] } });
  },
  /** Makes a certificate or report evidence of the ticket. */
  async addTicketFile(ticket: Ticket, file: File): Promise<Ticket> {
    const sha256 = await api.uploadFile(ticket.equipment.id, file, file.name);
    return ask<Ticket>('POST', `/tickets/${ticket.id}/files`, { body: { files: [{ sha256, purpose: 'document' }] } });
  },
  round: (siteId: number, signal?: AbortSignal) => ask<Round>('GET', '/round', { query: { site: siteId }, signal }),
  checkForms: (on: string, signal?: AbortSignal) => all<CheckForm>('/check-forms', { on }, signal),
  /** The latest first, as many as one page holds. */
  checks: async (equipmentId: number, signal?: AbortSignal) =>
    (await ask<Page<Check>>('GET', '/checks', { query: { equipment: equipmentId, limit: 20 }, signal })).items,
  check: (id: number, signal?: AbortSignal) => ask<Check>('GET', `/checks/${id}`, { signal }),
  addCheck: (check: NewCheck) => ask<Check>('POST', '/checks', { body: check }),
  /** The picture as the camera made it; answers with its hash. */
  async uploadPhoto(equipmentId: number, file: Blob, deviceAt: string): Promise<string> {
    const form = new FormData();
    form.append('equipment_id', String(equipmentId));
    form.append('device_at', deviceAt);
    form.append('file', file, 'photo');
    return (await ask<{ readonly sha256: string }>('POST', '/photos', { form })).sha256;
  },
  /** A certificate, a report, the log of an instrument: PDF or CSV. Answers with its hash. */
  async uploadFile(equipmentId: number, file: Blob, name: string): Promise<string> {
    const form = new FormData();
    form.append('equipment_id', String(equipmentId));
    form.append('file_name', name);
    form.append('file', file, 'file');
    return (await ask<{ readonly sha256: string }>('POST', '/files', { form })).sha256;
  },
  technicalFiles: (equipmentId: number, signal?: AbortSignal) => all<TechnicalFile>('/technical-files', { equipment: equipmentId }, signal),
  addTechnicalFile: (file: NewTechnicalFile) => ask<TechnicalFile>('POST', '/technical-files', { body: file }),
  /** What the register computes of one piece; nothing where it is none of the register. */
  serviceDates: async (site: number, equipment: number, signal?: AbortSignal) => (await all<RegisterEntry>('/register', { site, equipment }, signal)).flatMap((entry) => entry.due),
  openDuty: (site: number, plan: string, signal?: AbortSignal) => all<OpenDuty>('/upkeep-duties', { site, plan }, signal),
  waiveDuty: (site: number, plan: string, pieces: readonly number[], reason: string) =>
    ask<unknown>('POST', '/upkeep-waivers', { body: { site_id: site, plan, equipment_ids: pieces, reason } }),
  /** Days as 2026-03-02; the calendar as it stands, stood or will stand `on` that day. */
  upkeep: (query: { readonly site: number; readonly from: string; readonly to: string; readonly on?: string; readonly equipment?: number }, signal?: AbortSignal) =>
    all<Task>('/upkeep', query, signal),
  /** With a link in place of a session: a refusal ends none. */
  async inspection(token: string, signal?: AbortSignal): Promise<Inspection> {
    return (await (await send('GET', `/inspection/${encodeURIComponent(token)}`, { signal })).json()) as Inspection;
  },
  async inspectedEntry(token: string, position: number, signal?: AbortSignal): Promise<{ readonly position: number; readonly hash: string; readonly at: string }> {
    return (await (await send('GET', `/inspection/${encodeURIComponent(token)}/entries/${position}`, { signal })).json()) as { position: number; hash: string; at: string };
  },
  async inspectedCheck(token: string, id: number, signal?: AbortSignal): Promise<Check> {
    return (await (await send('GET', `/inspection/${encodeURIComponent(token)}/checks/${id}`, { signal })).json()) as Check;
  },
  async inspectedTechnicalFiles(token: string, signal?: AbortSignal): Promise<readonly TechnicalFile[]> {
    const answer = await send('GET', `/inspection/${encodeURIComponent(token)}/technical-files`, { signal });
    return ((await answer.json()) as Page<TechnicalFile>).items;
  },
  car: (elevatorId: number, signal?: AbortSignal) => ask<CarWithHistory>('GET', `/elevators/${elevatorId}/state`, { signal }),
  carTests: async (elevatorId: number, signal?: AbortSignal) =>
    (await ask<Page<CarTest>>('GET', `/elevators/${elevatorId}/tests`, { query: { limit: 5 }, signal })).items,
  carWarnings: (elevatorId: number, signal?: AbortSignal) => all<CarWarning>('/elevator-warnings', { elevator: elevatorId, state: ['open', 'confirmed'] }, signal),
  elevators: (signal?: AbortSignal) => all<Elevator>('/elevators', {}, signal),
  elevator: (id: number, signal?: AbortSignal) => ask<Elevator>('GET', `/elevators/${id}`, { signal }),
  testForm: (signal?: AbortSignal) => ask<TestForm>('GET', '/elevator-tests/form', { signal }),
  /** The newest first, as many as one page holds. */
  tests: async (elevatorId: number, signal?: AbortSignal) =>
    (await ask<Page<TestSummary>>('GET', `/elevators/${elevatorId}/tests`, { query: { limit: 100 }, signal })).items,
  test: (id: number, signal?: AbortSignal) => ask<LiftTest>('GET', `/elevator-tests/${id}`, { signal }),
  addTest: (elevatorId: number, test: NewTest, key: string) => ask<LiftTest>('POST', `/elevators/${elevatorId}/tests`, { body: test, key }),
  warnings: (signal?: AbortSignal) => all<LiftWarning>('/elevator-warnings', {}, signal),
  warning: (id: number, signal?: AbortSignal) => ask<LiftWarningDetail>('GET', `/elevator-warnings/${id}`, { signal }),
  moveWarning: (id: number, version: number, how: 'confirm' | 'act' | 'dismiss', reason: string) =>
    ask<LiftWarningDetail>('POST', `/elevator-warnings/${id}/${how}`, { body: { reason }, version }),
  partKinds: (signal?: AbortSignal) => all<PartKind>('/part-kinds', {}, signal),
  addPart: (elevatorId: number, part: unknown) => ask<Part>('POST', `/elevators/${elevatorId}/parts`, { body: part }),
  inspectPart: (partId: number, inspection: unknown) => ask<Part>('POST', `/elevator-parts/${partId}/inspections`, { body: inspection }),
  readCounter: (elevatorId: number, reading: unknown) => ask<unknown>('POST', `/elevators/${elevatorId}/counters`, { body: reading }),
  dutyReport: (site: number, from: string, to: string, signal?: AbortSignal) => ask<DutyReport>('GET', '/reports/elevator-duty', { query: { site, from, to }, signal }),
  /** CSV or XLSX, told apart by its name. */
  uploadTests: (file: File) => {
    const workbook = file.name.toLowerCase().endsWith('.xlsx');
    const type = workbook ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv';
    return ask<Uploaded>('POST', `/elevator-tests:${workbook ? 'xlsx' : 'csv'}`, { file: new Blob([file], { type }) });
  },
  parts: (elevatorId: number, signal?: AbortSignal) => all<Part>(`/elevators/${elevatorId}/parts`, {}, signal),
  budget: (signal?: AbortSignal) => ask<Budget>('GET', '/elevator-budget', { signal }),
  /** Stores nothing. */
  whatIf: (months: number, percent: number, signal?: AbortSignal) =>
    ask<{ readonly changed: Budget }>('POST', '/elevator-budget/what-if', { body: { postpone_months: months, prices: [{ percent }] }, signal }),
  scorecards: (signal?: AbortSignal) => ask<Scorecards>('GET', '/contractor-scorecards', { signal }),
  report: (equipmentId: number, title: string, description: string) =>
    ask<Ticket>('POST', '/tickets', { body: { equipment_id: equipmentId, title, description } }),
};

function search(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) parameters.append(name, String(each));
  }
  const written = parameters.toString();
  return written === '' ? '' : `?${written}`;
}

/** When a file from the camera was made, as this phone says. */
export function takenAt(file: File): string {
  return instant(Math.min(file.lastModified || Date.now(), Date.now()));
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

async function problem(answer: Response): Promise<unknown> {
  try {
    return await answer.json();
  } catch {
    return null; // a proxy's page, or nothing: the status alone speaks
  }
}
