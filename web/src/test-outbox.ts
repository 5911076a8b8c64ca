// Tests of elevators that are filled in on this phone: the draft as it is typed, and what is on its way to the server.
import { api } from './api';
import * as kept from './kept';
import type { LiftTest, NewTest } from './lift-shapes';
import type { Draft } from './lift';
import { createQueue, type Queued } from './queue';
import { touch } from './resource';

export interface WaitingTest extends Queued {
  /** Also the request's Idempotency-Key: however often it is sent, the test is kept once. */
  readonly client_id: string;
  readonly elevator_id: number;
  readonly elevator_code: string;
  readonly site_id: number;
  readonly body: Omit<NewTest, 'photos' | 'files'>;
  /** As it was typed, to be changed where the server refuses it. */
  readonly draft: Draft;
}

export const testQueue = createQueue<WaitingTest, LiftTest>({
  store: 'tests',
  idOf: (one) => one.client_id,
  equipmentOf: (one) => one.elevator_id,
  doneAt: (one) => one.body.performed_at,
  send: (one, photos, files) => api.addTest(one.elevator_id, { ...one.body, photos, files }, one.client_id),
  arrived: (one) => {
    for (const name of ['elevators', 'lift-due', `elevators/${one.elevator_id}/tests`]) touch(name);
  },
});

const nameOf = (personId: number, elevatorId: number): string => `${personId}/${elevatorId}`;

export const keepDraft = (personId: number, elevatorId: number, draft: Draft): Promise<void> => kept.put('drafts', nameOf(personId, elevatorId), draft);
export const keptDraft = (personId: number, elevatorId: number): Promise<Draft | undefined> => kept.get<Draft>('drafts', nameOf(personId, elevatorId));
export const dropDraft = (personId: number, elevatorId: number): Promise<void> => kept.remove('drafts', nameOf(personId, elevatorId));
