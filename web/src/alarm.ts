// What the app itself knows about alarms: their order, and how one is said in a sentence.
import { isCoded, isUpwards, limitQuantity, quantity, tied } from './quantity';
import type { Alarm, Locale, Severity } from './shapes';
import { said, type Dictionary } from './text';

export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low'];

/** 0 for the most severe; null, which is normal, comes last. */
export function rank(severity: Severity | null): number {
  return severity === null ? severities.length : severities.indexOf(severity);
}

export interface LiveAlarms {
  readonly unacknowledged: readonly Alarm[];
  readonly acknowledged: readonly Alarm[];
  readonly returned: readonly Alarm[];
  /** Nobody is called for these: put away, out of service, suppressed, or only tried. */
  readonly quiet: readonly Alarm[];
}

/** Whether nobody is called for an alarm. What a flood's summary stands for, people are called for. */
export function isQuiet(alarm: Alarm): boolean {
  return alarm.quiet !== null && alarm.quiet !== 'flood';
}

/**
 * The live alarms in their groups, in each those where life is at stake before all others, then by severity and by age,
 * the longest waiting first: it is nearest its deadline, and a new alarm then appears below the others of its severity
 * instead of moving them from under a thumb. What may cost a life and was never acknowledged stays among those that have
 * to be, also where its condition has passed.
 */
export function inOrder(alarms: readonly Alarm[]): LiveAlarms {
  const sorted = [...alarms].sort((a, b) => Number(b.life_safety) - Number(a.life_safety) || Number(b.active) - Number(a.active) || rank(a.severity) - rank(b.severity) || Date.parse(a.raised_at) - Date.parse(b.raised_at) || a.id - b.id);
  const loud = sorted.filter((alarm) => !isQuiet(alarm));
  const missed = (alarm: Alarm): boolean => alarm.life_safety && alarm.state === 'returned_unacknowledged';
  return {
    unacknowledged: loud.filter((alarm) => alarm.state === 'active_unacknowledged' || missed(alarm)),
    acknowledged: loud.filter((alarm) => alarm.state === 'active_acknowledged'),
    returned: loud.filter((alarm) => (alarm.state === 'returned_unacknowledged' || alarm.state === 'latched') && !missed(alarm)),
    quiet: sorted.filter(isQuiet),
  };
}

export function worst(all: readonly (Severity | null)[]): Severity | null {
  return all.reduce<Severity | null>((found, each) => (rank(each) < rank(found) ? each : found), null);
}

/** Whether an alarm is about a duty of the calendar, not about what a sensor measures. */
export function isDuty(alarm: Alarm): boolean {
  return alarm.point.metric === 'duties_not_done';
}

/** "Humidity 87.4 %RH, above 80 %RH." */
export function sentence(alarm: Alarm, text: Dictionary, locale: Locale): string {
  const { point, limit, value } = alarm;
  const name = said(point.name, locale);
  if (isDuty(alarm)) return tied(said(alarm.seen, locale)); // how many pieces is not to be read as a value over a limit
  if (limit === null) return text.alarm.saw(name, tied(said(alarm.seen, locale)));
  if (isCoded(point)) return text.alarm.became(name, quantity(value, point, text, locale));
  const shown = quantity(value, point, text, locale);
  const bound = limitQuantity(limit.value, point, text, locale);
  return isUpwards(limit.level) ? text.alarm.above(name, shown, bound) : text.alarm.below(name, shown, bound);
}

/** The path of places as the server writes it, without the site unless there are others that it may be of. */
export function nearPlace(place: string, ofManySites = false): string {
  const parts = place.split(' / ');
  return (parts.length > 1 && !ofManySites ? parts.slice(1) : parts).join(' › ');
}

/** When the first reaction is due, in ms since 1970; null where the rule asks for none or somebody has reacted. */
export function responseDue(alarm: Alarm): number | null {
  if (alarm.respond_within_s === null || alarm.acknowledged) return null;
  return Date.parse(alarm.raised_at) + alarm.respond_within_s * 1000;
}
