// What the API answers about the car of an elevator.
import type { Display, LocalText, Named } from './shapes';

export interface CodeName {
  readonly code: number;
  /** Null where the elevator's code set does not hold the code. */
  readonly name: LocalText | null;
  /** The same in all code sets. */
  readonly meaning: string | null;
}

export interface CodedState extends CodeName {
  readonly at: string;
}

export interface CarFault extends CodeName {
  readonly began_at: string;
  readonly ended_at: string | null;
}

export interface CarMeasure extends Display {
  readonly name: LocalText;
  readonly point_id: number;
  readonly value: number;
  readonly at: string;
}

/** What the elevator does not send is null. */
export interface Car {
  readonly elevator_id: number;
  readonly heard_at: string | null;
  readonly silent: boolean;
  readonly floors: readonly string[] | null;
  readonly position: { readonly value: number; readonly floor: string | null; readonly at: string } | null;
  readonly service_mode: CodedState | null;
  readonly car_status: CodedState | null;
  readonly car_direction: CodedState | null;
  readonly door_zone: CodedState | null;
  readonly door_status: CodedState | null;
  readonly passenger_status: CodedState | null;
  readonly fault: CodedState | null;
  readonly entrapment: boolean;
  readonly counters: readonly CarMeasure[];
  readonly conditions: readonly CarMeasure[];
}

export interface CarWithHistory extends Car {
  readonly faults: readonly CarFault[];
  readonly last_day: Readonly<Record<string, number>>;
}

export interface CarTest {
  readonly id: number;
  readonly performed_at: string;
  readonly late_entry: boolean;
  readonly passed: boolean | null;
  readonly failures: number;
  readonly ticket_id: number | null;
  readonly corrected_by: number | null;
  readonly submitted_by: Named;
}

export interface CarWarning {
  readonly id: number;
  readonly quantity: string;
  readonly floor: string | null;
  readonly state: 'open' | 'confirmed' | 'acted' | 'dismissed';
  readonly unit: string;
  readonly level: number;
  readonly crosses: number;
  readonly expected_at: string;
  readonly earliest_at: string;
  readonly latest_at: string | null;
}
