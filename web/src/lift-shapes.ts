// What the API answers about elevators: their tests and early warnings.
import type { Check, RecordFile, EquipmentName, FormLimit, LocalText, Named, Signature, TaskState } from './shapes';

export interface Elevator {
  readonly id: number;
  readonly site_id: number;
  readonly code: string;
  readonly name: LocalText;
  readonly place: LocalText;
  /** Null where the site has not registered them. */
  readonly floors: readonly string[] | null;
  readonly rated_speed: string | number | null;
  readonly last_test: TestSummary | null;
}

export interface TestSummary {
  readonly id: number;
  readonly elevator: EquipmentName;
  readonly performed_at: string;
  readonly received_at: string;
  readonly late_entry: boolean;
  readonly passed: boolean | null;
  readonly failures: number;
  readonly ticket_id: number | null;
  readonly corrects: number | null;
  readonly corrected_by: number | null;
  readonly reason: string | null;
  readonly submitted_by: Named;
}

export type TestLimit = Omit<FormLimit, 'quantity'>;

export interface JudgedItem {
  /** Null for the car. */
  readonly floor: string | null;
  readonly field: string;
  readonly quantity: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: TestLimit | null;
  readonly passed: boolean | null;
}

export type DoorType = 'centre' | 'side';

export interface LiftTest extends TestSummary {
  readonly workers: readonly Signature[];
  readonly door: { readonly type: DoorType; readonly clear_width_mm: number } | null;
  readonly car: Readonly<Record<string, number>>;
  readonly items: readonly JudgedItem[];
  readonly remarks: string | null;
  readonly photos: Check['photos'];
  readonly files: readonly RecordFile[];
  readonly ticket: { readonly id: number; readonly state: string; readonly opened_at: string; readonly due_at: string } | null;
}

/** What lies outside of `least` to `most` cannot be true. */
export interface TestField {
  readonly field: string;
  readonly quantity: string;
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  readonly mistaken: readonly { readonly unit: string; readonly factor: number }[];
}

export interface FormTestLimit extends FormLimit {
  readonly effective_to: string | null;
  readonly door_type: DoorType | null;
  readonly clear_width_up_to_mm: number | null;
}

export interface TestForm {
  readonly floor: readonly TestField[];
  readonly car: readonly TestField[];
  readonly door: readonly TestField[];
  readonly limits: readonly FormTestLimit[];
}

type Measured = Readonly<Record<string, number>>;

export interface NewTest {
  readonly performed_at: string;
  readonly workers: readonly Signature[];
  readonly floors: readonly (Readonly<Record<string, string | number>> & { readonly floor: string })[];
  readonly door: { readonly type: DoorType; readonly clear_width_mm: number } | null;
  readonly speed: Measured | null;
  readonly vibration: Measured | null;
  readonly remarks: string | null;
  readonly photos: readonly { readonly sha256: string; readonly purpose: string }[];
  readonly files: readonly { readonly sha256: string; readonly purpose: string }[];
  readonly corrects: number | null;
  readonly reason: string | null;
}

/** What became of the tests in an uploaded file. */
export interface Uploaded {
  readonly accepted: number;
  readonly refused: number;
  readonly items: readonly {
    readonly index: number;
    readonly lines: readonly number[];
    readonly accepted: boolean;
    readonly test: TestSummary | null;
    readonly problem: {
      readonly status: number;
      readonly title: string;
      readonly detail: string;
      readonly errors: readonly { readonly line: number | null; readonly field: string; readonly message: string }[] | null;
    } | null;
  }[];
}

export type WarningState = 'open' | 'confirmed' | 'acted' | 'dismissed';

/** Something measured that is on its way to its limit; slopes in `unit` per day. */
export interface LiftWarning {
  readonly id: number;
  readonly site_id: number;
  readonly elevator: EquipmentName;
  readonly quantity: string;
  readonly floor: string | null;
  readonly state: WarningState;
  readonly opened_at: string;
  readonly looked_at: string;
  readonly unit: string;
  /** The fitted line at the last test. */
  readonly level: number;
  readonly slope_per_day: number;
  readonly slope_error_per_day: number;
  readonly tests: number;
  /** The value at which the limit is crossed, with its sign. */
  readonly crosses: number;
  readonly limit: TestLimit;
  readonly expected_at: string;
  readonly earliest_at: string;
  readonly latest_at: string | null;
  readonly ended_at: string | null;
  readonly version: number;
}

export interface LiftWarningDetail extends LiftWarning {
  readonly samples: readonly { readonly at: string; readonly value: number }[];
  /** What people made of it, in order. */
  readonly steps: readonly { readonly state: LiftWarning['state']; readonly at: string; readonly by: Named; readonly reason: string }[];
}

export interface PartKind {
  readonly code: string;
  readonly name: LocalText;
  /** What an inspection may measure of it. */
  readonly measured: readonly string[];
}

export interface DutyReport {
  readonly site: LocalText;
  readonly contractors: readonly LocalText[];
  readonly first: string;
  readonly last: string;
  readonly items: readonly {
    readonly equipment_id: number;
    readonly code: string;
    readonly place: LocalText;
    readonly tests: Readonly<Partial<Record<TaskState, number>>>;
    readonly maintenance: Readonly<Partial<Record<TaskState, number>>>;
    readonly failed: number;
    readonly alarms: number;
    readonly critical_alarms: number;
    readonly open_tickets: number;
    readonly warnings: number;
    readonly in_order: boolean;
  }[];
}
