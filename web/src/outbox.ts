// Checks on their way to the server.
import { api } from './api';
import { now } from './clock';
import { createQueue, type Queued } from './queue';
import { touch } from './resource';
import type { Check, LocalText, NewCheck } from './shapes';

export type { KeptFile, KeptPhoto } from './queue';

/** What comes in later than so after the act needs a reason. */
const LATE_MS = 24 * 3_600_000;

export interface Waiting extends Queued {
  readonly site_id: number;
  readonly equipment_code: string;
  readonly form_name: LocalText;
  readonly body: Omit<NewCheck, 'photos' | 'files'>;
  /** Said for the person where they gave no reason and the network kept it waiting too long. */
  readonly late_reason: string;
}

export const {
  waiting,
  sent,
  sending,
  enqueue,
  discard,
  find: findWaiting,
  sendAll,
  watch: watchOutbox,
} = createQueue<Waiting, Check>({
  store: 'checks',
  idOf: (one) => one.body.client_id,
  equipmentOf: (one) => one.body.equipment_id,
  doneAt: (one) => one.body.performed_at,
  send: (one, photos, files) => {
    const late = now() - Date.parse(one.body.performed_at) > LATE_MS;
    return api.addCheck({ ...one.body, reason: one.body.reason ?? (late ? one.late_reason : null), photos, files });
  },
  arrived: (one) => {
    for (const name of [`round/${one.site_id}`, `equipment/${one.body.equipment_id}/checks`]) touch(name);
  },
});
