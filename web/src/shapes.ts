// What the API answers with, as it stands in its OpenAPI document. Times are RFC 3339 in UTC.

export type Locale = 'zh-CN' | 'en';
/** Words by language; one of them may be missing where people wrote in their own only. */
export type LocalText = Readonly<Partial<Record<Locale, string>>>;
export type Role = 'admin' | 'manager' | 'engineer' | 'contractor' | 'inspector';
export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type Level = 'low_low' | 'low' | 'high' | 'high_high';
export type AlarmState = 'active_unacknowledged' | 'active_acknowledged' | 'returned_unacknowledged' | 'latched' | 'cleared';
export type TicketState = 'open' | 'accepted' | 'on_site' | 'on_hold' | 'repaired' | 'verified' | 'closed';
/** What the sensors say of a ticket's cause. */
export type SensorWord = 'normal' | 'settling' | 'abnormal' | 'silent' | 'none';
export type PhotoPurpose = 'before' | 'after';
export type Grade = 'L' | 'L~' | 'O' | 'P';

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface Person {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  readonly locale: Locale;
  readonly organisation_id: number | null;
  readonly on_duty: boolean;
}

/** A person as other objects name one. */
export interface Named {
  readonly id: number;
  readonly name: string;
}

export interface Session {
  readonly person: Person;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
}

export interface Duty {
  readonly id: number;
  readonly site_id: number;
  readonly person: { readonly id: number; readonly name: string; readonly username: string };
  readonly starts_at: string;
  readonly ends_at: string | null;
  readonly position: string;
  /** Whose shift it was before a swap. */
  readonly instead_of: number | null;
}

/** One shift by hand; the moments are RFC 3339. */
export interface NewShift {
  readonly site_id: number;
  readonly person_id: number;
  readonly position: string;
  readonly starts_at: string;
  readonly ends_at: string;
}

export type OnHolidays = 'as_usual' | 'off' | 'only';

/** Shifts every week, by the clock on the wall of the site; `weekdays` from 1 for Monday. */
export interface NewRota {
  readonly site_id: number;
  readonly person_id: number;
  readonly position: string;
  readonly weekdays: readonly number[];
  readonly starts: string;
  readonly ends: string;
  readonly every_weeks: number;
  readonly first_day: string;
  readonly last_day: string | null;
  readonly holidays: OnHolidays;
}

export interface Rota extends NewRota {
  readonly id: number;
  readonly version: number;
}

export interface Holiday {
  readonly day: string;
  readonly name: LocalText;
}

/** A stretch ahead that no shift covers as it should. */
export interface Gap {
  readonly site_id: number;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly why: string;
}

/** Somebody who could take a shift. */
export interface StandIn {
  readonly id: number;
  readonly name: string;
  readonly busy: boolean;
}

/** A colleague was asked to take a shift, and has not answered. */
export interface Swap {
  readonly id: number;
  readonly shift: Duty;
  readonly asked_by: Named;
  readonly person: Named;
}

/** A way by which somebody, or a system, is told. */
export interface Channel {
  readonly id: number;
  readonly person_id: number | null;
  readonly kind: 'console' | 'webhook' | 'web_push' | 'apprise';
  /** What is secret in it is left out. */
  readonly address: string;
  readonly enabled: boolean;
  readonly preference: number;
  readonly ended: string | null;
  readonly version: number;
}

export interface NewChannel {
  readonly kind: 'webhook' | 'apprise';
  readonly address: string;
  readonly person_id: number | null;
  readonly preference: number;
}

export interface Site {
  readonly id: number;
  readonly code: string;
  readonly name: LocalText;
  readonly timezone: string;
}

export interface Space {
  readonly id: number;
  readonly site_id: number;
  readonly parent_id: number | null;
  readonly kind: string;
  readonly code: string;
  readonly name: LocalText;
}

export interface EquipmentKind {
  readonly code: string;
  readonly name: LocalText;
  readonly life_safety: boolean;
}

export interface Equipment {
  readonly id: number;
  readonly site_id: number;
  readonly space_id: number | null;
  readonly kind: string;
  readonly code: string;
  readonly name: LocalText;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly place: LocalText;
  readonly worst_severity: Severity | null;
  readonly live_alarms: number;
  readonly open_tickets: number;
}

export interface Device {
  readonly id: number;
  readonly site_id: number;
  readonly code: string;
  readonly name: LocalText;
  readonly equipment_id: number | null;
  readonly state: 'online' | 'offline' | 'unknown';
  readonly state_at: string | null;
  readonly last_seen_at: string | null;
}

/** Values by what became of them; `difference` is 0, or something is wrong with the service. */
export interface Account {
  readonly received: number;
  readonly stored: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly difference: number;
}

export interface DeviceAccount extends Account {
  readonly id: number;
  readonly code: string;
  readonly site: string;
  /** Messages that the device has numbered and that have never come. */
  readonly missing: number;
}

export interface Slot {
  readonly slot: number;
  readonly alive: boolean;
  readonly holder: string | null;
  readonly connected: boolean;
  readonly reported_at: string | null;
  readonly difference: number;
}

export interface Balance {
  readonly totals: Account & { readonly in_flight: number };
  readonly slots: readonly Slot[];
  readonly broker: { readonly dropped: number | null; readonly waiting: number | null };
  readonly devices: Page<DeviceAccount>;
}

/** What arrived and is no reading. */
export interface Letter {
  readonly id: number;
  readonly received_at: string;
  readonly topic: string;
  readonly site: string | null;
  readonly device: string | null;
  readonly reason: string;
  readonly detail: string;
  /** Null where the bytes are no text. */
  readonly payload_text: string | null;
  readonly payload_base64: string;
  readonly requested_at: string | null;
  readonly requested_by: string | null;
  readonly replayed_at: string | null;
  readonly outcome: { readonly stored: number; readonly duplicate: number; readonly rejected: number; readonly reason: string | null } | null;
}

export interface LetterFilter {
  readonly reason?: string | undefined;
  readonly device?: string | undefined;
}

export interface UnknownDevice {
  readonly id: number;
  readonly device: string;
  readonly site: string | null;
  readonly format: string;
  readonly topic: string;
  readonly last_seen_at: string;
  readonly messages: number;
  readonly keys: readonly { readonly key: string; readonly value: number; readonly unit: string | null; readonly metric: string | null }[];
}

export interface Metric {
  readonly code: string;
  readonly name: LocalText;
}

export interface Adoption {
  readonly site_id: number;
  readonly equipment_id: number;
  readonly code: string;
  readonly name: LocalText;
  readonly points: readonly { readonly key: string; readonly metric: string }[];
}

/** Where a limit comes from: looked up (L), on a weak page (L~), common knowledge (O) or our own proposal (P). */
export interface Basis {
  readonly source: string;
  readonly grade: Grade;
  readonly effective_from: string | null;
}

/** How a stored value is shown: stored value x display_scale, in display_unit, with `decimals` places. */
export interface Display {
  readonly metric: string;
  readonly unit: string;
  readonly display_unit: string;
  readonly display_scale: number;
  readonly decimals: number;
  /** What its values mean; null or left out for what is measured. */
  readonly codes?: Readonly<Record<string, LocalText>> | null;
}

export interface PointLimit {
  readonly rule_id: number;
  readonly level: Level;
  readonly value: number;
  readonly severity: Severity;
  readonly basis: Basis | null;
}

export type Quality = 'good' | 'uncertain' | 'bad';

export interface Latest {
  readonly at: string;
  readonly value: number;
  /** What a coded value means in the code set of the equipment. */
  readonly name: LocalText | null;
  readonly quality: Quality;
  readonly received_at: string;
}

export interface Point extends Display {
  readonly id: number;
  readonly device_id: number;
  readonly equipment_id: number;
  readonly key: string;
  readonly name: LocalText;
  readonly report_period_s: number | null;
  /** As it was when it was read: offline after missed reports, or with its device. */
  readonly state: 'online' | 'offline' | 'unknown';
  readonly latest: Latest | null;
  readonly limits: readonly PointLimit[];
}

export interface Reading {
  readonly at: string;
  readonly value: number;
  readonly quality: Quality;
  readonly sequence: number | null;
  readonly received_at: string;
}

/** Readings summed up, from `at` up to where the next step begins. */
export interface Step {
  readonly at: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly last: number;
  readonly last_at: string;
  readonly count: number;
}

export interface Steps {
  readonly step_s: number;
  readonly items: readonly Step[];
}

export interface AlarmLimit {
  readonly level: Level;
  readonly value: number;
  readonly deadband: number;
  readonly unit: string;
  readonly basis: Basis | null;
}

export interface SiteName {
  readonly id: number;
  readonly code: string;
  readonly name: LocalText;
}

export interface EquipmentName extends SiteName {
  readonly kind: string;
}

/** Why nobody is called for an alarm. */
export type Quiet = 'shadow' | 'out_of_service' | 'shelved' | 'parent_down' | 'power_off' | 'equipment_off' | 'not_in_use' | 'outranked' | 'flood';

export interface Shelving {
  readonly id: number;
  readonly kind: 'timed' | 'one_shot';
  readonly reason: string;
  readonly requested_by: Named;
  readonly requested_at: string;
  readonly expires_at: string;
  readonly confirmed_by: Named | null;
  /** Of life safety only once a second person has confirmed it. */
  readonly in_force: boolean;
}

export interface Alarm {
  readonly id: number;
  readonly state: AlarmState;
  readonly active: boolean;
  readonly acknowledged: boolean;
  readonly quiet: Quiet | null;
  readonly shelving: Shelving | null;
  readonly shelve_longest_s: number;
  readonly suppression: { readonly cause: string; readonly source: { readonly id: number; readonly name: LocalText } | null } | null;
  readonly window: { readonly id: number; readonly reason: string; readonly ends_at: string; readonly author: Named } | null;
  readonly severity: Severity;
  readonly life_safety: boolean;
  readonly title: LocalText;
  readonly response: LocalText;
  readonly cause: LocalText;
  readonly respond_within_s: number | null;
  readonly site: SiteName;
  readonly place: LocalText;
  readonly equipment: EquipmentName;
  readonly point: Display & { readonly id: number; readonly key: string; readonly name: LocalText };
  readonly rule: { readonly id: number; readonly code: string; readonly version: number };
  readonly value: number;
  /** What the rule saw, in one sentence. */
  readonly seen: LocalText;
  /** Null where the rule is no fixed limit on the value itself; then `value` is what it went by, and `seen` says it. */
  readonly limit: AlarmLimit | null;
  readonly raised_at: string;
  readonly raise_count: number;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: Named | null;
  readonly returned_at: string | null;
  readonly cleared_at: string | null;
  readonly ticket_id: number | null;
}

export interface LedgerEntry {
  readonly id: number;
  readonly at: string;
  readonly occurred_at: string;
  readonly kind: string;
  readonly actor: Named | null;
  readonly reason: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Notice {
  readonly id: number;
  readonly person: Named | null;
  readonly channel: string;
  readonly state: 'queued' | 'sent' | 'delivered' | 'opened' | 'acknowledged' | 'failed' | 'folded';
  readonly created_at: string;
  readonly sent_at: string | null;
  readonly attempts: number;
  readonly error: string | null;
}

export interface Ticket {
  readonly id: number;
  readonly state: TicketState;
  readonly title: LocalText;
  /** The code of the rule whose alarm opened it, or "report". */
  readonly cause: string;
  readonly class: string;
  readonly site: SiteName;
  readonly place: LocalText;
  readonly equipment: EquipmentName;
  readonly alarm_ids: readonly number[];
  readonly opened_at: string;
  readonly due_at: string;
  readonly held_until: string | null;
  readonly repaired_at: string | null;
  readonly repaired_by: Named | null;
  readonly closed_at: string | null;
  /** By then somebody calls who reported it; null where no call waits. */
  readonly call_due_at: string | null;
  readonly overdue: boolean;
  readonly on_hold_s: number;
  readonly assignee: Named | null;
  readonly closing_note: string | null;
  /** These only where one ticket was asked for. */
  readonly closed_before?: number | null;
  readonly sensors?: SensorWord;
  readonly photos_needed?: Readonly<Record<string, number>>;
  readonly holds?: readonly Hold[];
  readonly photos?: readonly TicketPhoto[];
  readonly files?: readonly RecordFile[];
  readonly follow_ups?: readonly FollowUp[];
  /** Whom to ask, and to call after the closing. */
  readonly contact: string | null;
  /** Reported at a label by somebody who has not signed in. */
  readonly by_resident: boolean;
  /** Only where one ticket was asked for, and of who works on tickets. */
  readonly resident_phone?: string | null;
}

/** A label by whose QR code residents report; `url` is null once it is revoked. */
export interface ReportPlace {
  readonly id: number;
  readonly site_id: number;
  readonly equipment_id: number;
  readonly name: LocalText;
  readonly url: string | null;
}

/** The call after a closing. */
export interface FollowUp {
  readonly id: number;
  readonly due_at: string;
  readonly done_at: string | null;
  readonly satisfied: boolean | null;
  readonly result: string | null;
}

export interface Hold {
  readonly id: number;
  readonly note: string;
  readonly substitute: string;
  readonly until: string;
  readonly asked_by: Named;
  readonly decided_by: Named | null;
  /** Null while nobody has decided. */
  readonly approved: boolean | null;
}

export interface TicketPhoto {
  readonly sha256: string;
  readonly purpose: string;
  readonly used_at: string;
  /** null: a resident. */
  readonly used_by: Named | null;
  readonly doubts: readonly { readonly doubt: string }[];
}

export interface LiveEvent {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly site_id: number | null;
  readonly equipment_id: number | null;
  readonly alarm_id: number | null;
  readonly ticket_id: number | null;
  readonly body: Readonly<Record<string, unknown>>;
}

export type RuleKind = 'limit' | 'state' | 'rate' | 'stuck' | 'silence' | 'quality' | 'times' | 'dew_point' | 'combination' | 'fluctuation' | 'joint';

/** Under the name of its kind stands what a rule looks for; the other kinds are null. */
export type Rule = Readonly<Record<RuleKind, Readonly<Record<string, unknown>> | null>> & {
  readonly id: number;
  readonly code: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly shadow: boolean;
  readonly name: LocalText;
  readonly kind: RuleKind;
  readonly severity: Severity;
  readonly life_safety: boolean;
  readonly scope: { readonly metric: string; readonly site_id: number | null; readonly equipment_kind: string | null; readonly point_id: number | null };
  readonly on_delay_s: number;
  readonly off_delay_s: number;
  readonly realarm_s: number | null;
  readonly misread_filter: boolean;
  readonly latched: boolean;
  readonly opens_ticket: boolean;
  readonly response: LocalText;
  readonly cause: LocalText;
  readonly respond_within_s: number | null;
  readonly basis: Basis | null;
  readonly changed_at: string;
  readonly changed_by: string;
  readonly reason: string;
};

export interface Metric extends Omit<Display, 'metric'> {
  readonly code: string;
  readonly name: LocalText;
}

export interface TriedPoint extends Display {
  readonly id: number;
  readonly key: string;
  readonly name: LocalText;
  readonly site: SiteName;
  readonly equipment: EquipmentName;
}

export interface TriedAlarm {
  readonly point_id: number;
  readonly raised_at: string;
  readonly cleared_at: string | null;
  readonly value: number;
  readonly seen: LocalText;
}

/** What one version of a rule would have raised; `alone` meets nothing of the other version. */
export interface TriedVersion {
  readonly count: number;
  readonly alarms: readonly TriedAlarm[];
  readonly alone_count: number;
  readonly alone: readonly TriedAlarm[];
}

export interface Preview {
  readonly from: string;
  readonly to: string;
  readonly readings: number;
  readonly points: readonly TriedPoint[];
  readonly points_left_out: number;
  readonly before: TriedVersion;
  readonly after: TriedVersion;
}

export type CheckValue = string | number | boolean;

export interface FormField {
  readonly name: string;
  readonly label: LocalText;
  readonly type: 'number' | 'choice' | 'flag' | 'date' | 'text';
  readonly required: boolean;
  readonly unit: string;
  readonly least: number | null;
  readonly most: number | null;
  readonly quantity: string | null;
  readonly options: Readonly<Record<string, LocalText>> | null;
  readonly good: readonly string[];
  /** Asked for only where the other field has one of these entries. */
  readonly when: Readonly<Record<string, readonly string[]>> | null;
  /** By subtype of the equipment: options that it does not have. */
  readonly not_at: Readonly<Record<string, readonly string[]>> | null;
}

export interface FormDerived {
  readonly name: string;
  readonly label: LocalText;
  readonly of: readonly string[];
  readonly how: 'ratio' | 'loss' | 'loss_percent' | 'db_m';
  readonly unit: string;
  readonly quantity: string;
  readonly factor: number;
  readonly by: string | null;
}

export interface FormLimit {
  readonly quantity: string;
  readonly direction: 'at_most' | 'at_least' | 'within';
  readonly value: number;
  readonly unit: string;
  readonly standard: string;
  readonly clause: string;
  readonly grade: Grade;
  readonly effective_from: string;
}

export interface CheckForm {
  readonly code: string;
  readonly name: LocalText;
  readonly sheet: 'patrol' | 'test' | 'upkeep';
  readonly kinds: readonly string[];
  readonly signatures: number;
  readonly standard: string;
  readonly clause: string;
  readonly grade: Grade;
  readonly fields: readonly FormField[];
  readonly derived: readonly FormDerived[];
  readonly limits: readonly FormLimit[];
  readonly photos: Readonly<Record<string, number>>;
  /** Where a field has one of these, it must be said what was measured with. */
  readonly instrument: Readonly<Record<string, readonly string[]>> | null;
}

/** Something that is due of a piece on a day by a dated rule: its service, the end of its life, to be scrapped. */
export interface ServiceDate {
  readonly step: string;
  readonly name: LocalText;
  readonly on: string;
  readonly standard: string;
  readonly clause: string;
  readonly grade: Grade;
}

export interface RegisterEntry {
  readonly due: readonly ServiceDate[];
}

export type TaskState = 'planned' | 'due' | 'done' | 'late' | 'overdue' | 'missed' | 'impaired';

export interface Task {
  readonly plan: string;
  readonly name: LocalText;
  readonly form: string;
  readonly equipment_id: number;
  /** Its code. */
  readonly equipment: string;
  readonly equipment_name: LocalText;
  readonly first: string;
  readonly last: string;
  readonly until: string;
  readonly state: TaskState;
  readonly check_id: number | null;
  /** Where a test of the elevator did it. */
  readonly test_id: number | null;
  readonly passed: boolean | null;
  /** Why nobody need make up for what was missed. */
  readonly waived_for: string | null;
}

/** A piece at which a duty was not done, and has neither been made up for nor waived. */
export interface OpenDuty {
  readonly equipment_id: number;
  readonly code: string;
  readonly name: LocalText;
  readonly last: string;
  readonly ticket_id: number | null;
}

export interface RoundPiece {
  readonly id: number;
  readonly code: string;
  readonly kind: string;
  readonly subtype: string | null;
  readonly name: LocalText;
  readonly place: LocalText;
  readonly newest: { readonly id: number; readonly form: string; readonly performed_at: string; readonly passed: boolean | null } | null;
}

export interface Round {
  readonly site_id: number;
  readonly on: string;
  readonly tasks: readonly Task[];
  readonly equipment: readonly RoundPiece[];
}

export interface Signature {
  readonly name: string;
  readonly certificate_no: string;
}

export interface Instrument {
  readonly name: string;
  readonly serial_no: string;
  readonly calibrated_until: string;
}

export interface NewCheck {
  readonly client_id: string;
  readonly equipment_id: number;
  readonly form: string;
  readonly performed_at: string;
  readonly values: Readonly<Record<string, CheckValue>>;
  readonly signatures: readonly Signature[];
  readonly instrument: Instrument | null;
  readonly remarks: string | null;
  readonly photos: readonly { readonly sha256: string; readonly purpose: string }[];
  readonly files: readonly { readonly sha256: string; readonly purpose: string }[];
  readonly corrects: number | null;
  readonly reason: string | null;
}

export interface CheckVerdict {
  readonly field: string;
  readonly label: LocalText;
  readonly value: CheckValue;
  readonly unit: string;
  readonly passed: boolean | null;
  readonly limit: Omit<FormLimit, 'quantity'> | null;
  readonly requirement: { readonly standard: string; readonly clause: string; readonly grade: Grade } | null;
}

export interface Check {
  readonly id: number;
  readonly site_id: number;
  readonly equipment: EquipmentName;
  readonly form: string;
  readonly form_name: LocalText;
  readonly performed_at: string;
  readonly received_at: string;
  readonly late_entry: boolean;
  readonly reason: string | null;
  readonly passed: boolean | null;
  readonly failures: number;
  readonly ticket_id: number | null;
  readonly corrects: number | null;
  readonly corrected_by: number | null;
  readonly submitted_by: Named;
  readonly values: Readonly<Record<string, CheckValue>>;
  /** Those of the form as it was when the check was made. */
  readonly fields: readonly { readonly name: string; readonly label: LocalText; readonly unit: string | null; readonly options: Readonly<Record<string, LocalText>> | null }[];
  readonly verdicts: readonly CheckVerdict[];
  readonly signatures: readonly Signature[];
  readonly instrument: Instrument | null;
  readonly remarks: string | null;
  readonly alarm_ids: readonly number[];
  readonly photos: readonly { readonly sha256: string; readonly purpose: string; readonly taken_at: string | null; readonly device_at: string | null; readonly received_at: string; readonly doubts: readonly { readonly doubt: string }[] }[];
  readonly files: readonly RecordFile[];
}

/** A file of a record that is no photo. */
export interface RecordFile {
  readonly sha256: string;
  readonly purpose: string;
  readonly name: string | null;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly received_at: string;
}

/** A paper that belongs to equipment, or to a whole site: kept for ever, replaced by another and never changed. */
export interface TechnicalFile {
  readonly id: number;
  readonly site_id: number;
  readonly equipment: EquipmentName | null;
  readonly kind: TechnicalKind;
  readonly title: string;
  readonly valid_from: string | null;
  readonly valid_until: string | null;
  readonly remarks: string | null;
  readonly replaces: number | null;
  readonly replaced_by: number | null;
  readonly reason: string | null;
  readonly submitted_by: Named;
  readonly submitted_at: string;
  readonly photos: Check['photos'];
  readonly files: readonly RecordFile[];
}

export type TechnicalKind = (typeof technicalKinds)[number];
export const technicalKinds = ['type_approval', 'as_built', 'manual', 'calibration', 'test_report', 'contract', 'other'] as const;

export interface NewTechnicalFile {
  readonly equipment_id: number;
  readonly kind: TechnicalKind;
  readonly title: string;
  readonly valid_from: string | null;
  readonly valid_until: string | null;
  readonly remarks: string | null;
  readonly replaces: number | null;
  readonly reason: string | null;
  readonly photos: readonly { readonly sha256: string; readonly purpose: string }[];
  readonly files: readonly { readonly sha256: string; readonly purpose: string }[];
}

export interface MatrixCell {
  readonly planned: number;
  readonly due: number;
  readonly done: number;
  readonly late: number;
  readonly overdue: number;
  readonly missed: number;
  readonly impaired: number;
  readonly waived: number;
  readonly failed: number;
  readonly checks: readonly number[];
}

/** What an inspector's link opens. */
export interface Inspection {
  readonly site: string;
  readonly name: LocalText;
  readonly timezone: string;
  readonly first: string;
  readonly last: string;
  readonly chain_position: number;
  readonly chain_head: string;
  readonly key: string;
  readonly months: readonly string[];
  readonly rows: readonly { readonly equipment: EquipmentName; readonly place: LocalText; readonly cells: Readonly<Record<string, MatrixCell>> }[];
  readonly total: MatrixCell;
  readonly waivers: readonly { readonly duty: LocalText; readonly last: string; readonly equipment: readonly string[]; readonly reason: string; readonly by: string; readonly at: string }[];
}

/** When a part is at the end of one of its lives, and by what. */
export interface Expectation {
  readonly aspect: 'calendar' | 'counter' | 'condition';
  readonly quantity: string | null;
  readonly line: 'discard' | 'maker' | 'planning' | 'early';
  /** False for a line that only asks for a closer look. */
  readonly ends: boolean;
  readonly expected: string;
  readonly earliest: string;
  readonly latest: string | null;
  readonly used: number;
  readonly limit: number;
  readonly unit: string;
  readonly name: LocalText;
  readonly standard: string;
  readonly clause: string;
  readonly grade: Grade;
  readonly effective_from: string;
}

export interface PartVerdict {
  readonly quantity: string;
  readonly line: Expectation['line'];
  readonly value: number;
  readonly expected: number;
  readonly passed: boolean;
  readonly unit: string;
  readonly name: LocalText;
  readonly standard: string;
  readonly clause: string;
  readonly grade: Grade;
}

export interface PartInspection {
  readonly id: number;
  readonly inspected_on: string;
  readonly inspector: string;
  readonly verdicts: readonly PartVerdict[];
}

/** A part of an elevator; days as 2026-03-02. */
export interface Part {
  readonly id: number;
  readonly kind: string;
  readonly kind_name: LocalText;
  readonly installed_on: string;
  readonly maker: string | null;
  readonly model: string | null;
  readonly quantity: number;
  readonly unit_price: number | null;
  readonly currency: string;
  readonly supplier: string | null;
  readonly lead_time_days: number;
  readonly nominal_diameter_mm: number | null;
  readonly construction: string | null;
  readonly drive: { readonly traction_sheave_mm: number; readonly deflector_mm: number | null; readonly pulleys: number; readonly reverse_pulleys: number } | null;
  readonly nearest: Expectation | null;
  readonly expectations: readonly Expectation[];
  readonly over_age: boolean;
  readonly order_by: string | null;
  readonly order_soon: boolean;
  readonly warned_at: string | null;
  readonly inspections: readonly PartInspection[];
}

/** By currency, in minor units. */
export type Money = Readonly<Record<string, number>>;

export interface BudgetItem {
  readonly part_id: number;
  readonly elevator: { readonly id: number; readonly code: string; readonly name: LocalText };
  readonly kind_name: LocalText;
  readonly nth: number;
  readonly due_on: string;
  readonly order_by: string;
  readonly quantity: number;
  readonly unit_price: number;
  readonly cost: number;
  readonly currency: string;
  readonly overdue: boolean;
  readonly risky: boolean;
  readonly by: Expectation;
}

export interface BudgetQuarter {
  readonly year: number;
  readonly quarter: number;
  readonly total: Money;
  readonly items: readonly BudgetItem[];
}

export interface Budget {
  readonly today: string;
  readonly total: Money;
  readonly years: readonly { readonly year: number; readonly total: Money }[];
  readonly quarters: readonly BudgetQuarter[];
  readonly unknown: readonly Named[];
}

type Lift = { readonly id: number; readonly code: string; readonly name: LocalText };

export interface Scorecard {
  readonly contractor: { readonly id: number; readonly code: string; readonly name: LocalText };
  readonly elevators: number;
  readonly weeks: number;
  readonly tests_in_time: number;
  readonly test_share: number | null;
  readonly late_weeks: readonly { readonly elevator: Lift; readonly monday: string }[];
  readonly missed: readonly { readonly elevator: Lift; readonly monday: string }[];
  readonly faults: number;
  readonly decided: number;
  readonly repairs_in_time: number;
  readonly repair_share: number | null;
  readonly late_repairs: readonly { readonly elevator: Lift; readonly ticket_id: number; readonly due_at: string; readonly done_at: string | null }[];
  readonly repeats: readonly { readonly elevator: Lift; readonly ticket_id: number; readonly before_ticket_id: number; readonly opened_at: string }[];
}

/** Of the last 13 weeks. */
export interface Scorecards {
  readonly first: string;
  readonly last: string;
  readonly items: readonly Scorecard[];
}

/** What a rule that is not there yet would have raised. */
export interface Trial {
  readonly from: string;
  readonly to: string;
  readonly readings: number;
  readonly points: readonly TriedPoint[];
  readonly points_left_out: number;
  readonly count: number;
  readonly alarms: readonly TriedAlarm[];
}

export interface DatedLimit {
  readonly quantity: string;
  readonly direction: 'at_most' | 'at_least' | 'within';
  readonly value: number;
}

interface FromWhere {
  readonly rule: { readonly id: number; readonly code: string; readonly name: LocalText };
  readonly point: { readonly id: number; readonly key: string };
  readonly equipment: { readonly id: number; readonly name: LocalText };
}

/** Any one of these would have spared so many raises; null where it cannot help. */
export interface Proposal {
  readonly deadband: number | null;
  readonly off_delay_s: number | null;
  readonly on_delay_s: number | null;
  readonly spared: number;
}

export interface Frequent extends FromWhere {
  readonly count: number;
  readonly share: number;
}

export interface Nuisance extends Frequent {
  readonly proposal: Proposal | null;
}

export interface QueueFigures {
  readonly site: SiteName;
  readonly alarms: number;
  readonly per_10_min: { readonly average: number; readonly peak: number; readonly over_10_share: number };
  readonly per_day: { readonly average: number; readonly peak: number };
  readonly floods: { readonly count: number; readonly share_of_time: number; readonly items: readonly { readonly start: string; readonly end: string; readonly alarms: number }[] };
  readonly top: { readonly items: readonly Frequent[]; readonly share: number };
  readonly chattering: { readonly count: number; readonly items: readonly Nuisance[] };
  readonly fleeting: { readonly count: number; readonly items: readonly Nuisance[] };
  readonly stale: { readonly count: number; readonly items: readonly (FromWhere & { readonly alarm_id: number; readonly active_s: number })[] };
  readonly priorities: readonly { readonly severity: Severity; readonly share: number; readonly target: number }[];
  readonly acknowledge_s: { readonly count: number; readonly median: number | null; readonly p90: number | null };
  readonly return_s: { readonly count: number; readonly median: number | null; readonly p90: number | null };
  readonly shelved: {
    readonly count: number;
    readonly items: readonly { readonly alarm_id: number; readonly reason: string; readonly requested_by: Named; readonly requested_at: string }[];
  };
}

export interface AlarmReport {
  readonly from: string;
  readonly to: string;
  readonly targets: Readonly<Record<string, number>>;
  readonly queues: readonly QueueFigures[];
}

export interface NewWindow {
  readonly site_id: number;
  readonly space_id: number | null;
  readonly equipment_kind: string | null;
  readonly equipment_id: number | null;
  readonly purpose: 'maintenance' | 'test';
  readonly starts_at: string;
  readonly ends_at: string;
  readonly reason: string;
  readonly life_safety: boolean;
  readonly substitute: string | null;
}

export interface ServiceWindow extends NewWindow {
  readonly id: number;
  readonly author: Named;
  readonly confirmed_by: Named | null;
  readonly state: 'scheduled' | 'open' | 'ended';
  readonly quiet_alarms: number;
  readonly version: number;
}
