// What the app itself knows about rules: which of their numbers people change here, and how they are written.
import type { Display, Metric, Rule, RuleKind } from './shapes';
import type { Dictionary } from './text';
import { duration, shortDuration } from './time';

/** A number of a rule. `scaled` ones are in the metric's unit, and shown in its display unit; others are seconds or bare. */
export interface NumberField {
  readonly name: string;
  readonly scaled?: boolean;
}

const ofKind: Readonly<Record<RuleKind, readonly NumberField[]>> = {
  limit: [{ name: 'value', scaled: true }, { name: 'deadband', scaled: true }],
  state: [],
  rate: [{ name: 'change', scaled: true }, { name: 'span_s' }, { name: 'deadband', scaled: true }],
  stuck: [{ name: 'for_s' }, { name: 'band', scaled: true }],
  silence: [{ name: 'missed' }, { name: 'period_s' }],
  quality: [],
  times: [{ name: 'count' }, { name: 'within_s' }],
  dew_point: [{ name: 'margin' }, { name: 'deadband' }],
  combination: [],
  fluctuation: [{ name: 'tolerance', scaled: true }, { name: 'tolerance_share' }, { name: 'spreads' }, { name: 'follow_s' }],
  joint: [{ name: 'spreads' }, { name: 'follow_s' }],
};
const delays: readonly NumberField[] = [{ name: 'on_delay_s' }, { name: 'off_delay_s' }];

/** The numbers of a rule that are written in it, as text by name. */
export type Draft = Readonly<Record<string, string>> & { readonly enabled: string; readonly shadow: string };

/** The numbers that people change; what a rule does not have (a limit that is looked up) is not among them. */
export function fieldsOf(rule: Rule): readonly NumberField[] {
  const spec = rule[rule.kind] ?? {};
  return [...ofKind[rule.kind].filter(({ name }) => typeof spec[name] === 'number'), ...(rule.life_safety ? delays.slice(1) : delays)];
}

/** How a metric's values are shown. */
export function displayOf(metric: Metric): Display {
  return { ...metric, metric: metric.code };
}

export function draftOf(rule: Rule, scale: number): Draft {
  const numbers = fieldsOf(rule).map((field): [string, string] => [field.name, written(numberOf(rule, field.name) * (field.scaled === true ? scale : 1))]);
  return { ...Object.fromEntries(numbers), enabled: String(rule.enabled), shadow: String(rule.shadow) };
}

/** The whole rule as the draft makes it; null where something is no number. */
export function documentOf(rule: Rule, draft: Draft, scale: number): Record<string, unknown> | null {
  const { id, code, version, changed_at, changed_by, reason, ...whole } = rule;
  void [id, code, version, changed_at, changed_by];
  const spec: Record<string, unknown> = { ...rule[rule.kind] };
  const top: Record<string, unknown> = {};
  for (const field of fieldsOf(rule)) {
    const shown = draft[field.name]?.trim() ?? '';
    const value = Number(shown);
    if (shown === '' || !Number.isFinite(value)) return null;
    const stored = field.scaled === true ? Number((value / scale).toPrecision(12)) : value;
    if (field.name in spec) spec[field.name] = stored;
    else top[field.name] = stored;
  }
  return {
    ...whole,
    ...top,
    [rule.kind]: spec,
    basis: rule.basis ?? { source: 'not told', grade: 'P' },
    enabled: draft.enabled === 'true',
    shadow: draft.shadow === 'true',
    reason,
  };
}

/** Whether a version is that which came with the product, which nobody of the house has written. */
export function isShipped(version: Rule): boolean {
  return version.changed_by === 'catalogue';
}

/** The unit of a span of seconds, and what it is in larger ones: "s (3 d)". */
export function secondsOf(written: string | undefined, text: Dictionary): string {
  const seconds = Number(written);
  if (!(seconds >= 120)) return text.rules.seconds;
  const largest = seconds < 3600 ? 60 : seconds < 49 * 3600 ? 3600 : 86_400;
  return `${text.rules.seconds} (${(seconds % largest === 0 ? shortDuration : duration)(seconds * 1000, text)})`;
}

function numberOf(rule: Rule, name: string): number {
  const value = rule[rule.kind]?.[name] ?? (rule as unknown as Record<string, unknown>)[name];
  return typeof value === 'number' ? value : 0;
}

function written(value: number): string {
  return String(Number(value.toPrecision(12)));
}
