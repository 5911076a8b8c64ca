import { useLanguage } from '../language';
import { limitQuantity, limitWords } from '../quantity';
import { useResource } from '../resource';
import { displayOf } from '../rule';
import type { Level, Rule } from '../shapes';
import * as sources from '../sources';
import { shortDuration } from '../time';

/** What a rule looks for, in a few words: "Humidity: alarm above 80 %RH, for 10 min". */
export function RuleWords({ rule }: { readonly rule: Rule }) {
  const { text, locale, say } = useLanguage();
  const metric = useResource(sources.metrics).data?.find((each) => each.code === rule.scope.metric);
  const name = metric === undefined ? rule.scope.metric : say(metric.name);
  const spec = rule[rule.kind] ?? {};
  // A limit by date is that of the row in force today.
  const quantity = rule.kind === 'limit' && typeof spec['quantity'] === 'string' ? spec['quantity'] : null;
  const side = spec['level'] === 'high' || spec['level'] === 'high_high' ? 'at_most' : 'at_least';
  const row = useResource(quantity === null ? null : sources.limit(quantity)).data?.find((each) => each.direction === side || each.direction === 'within');
  const held = rule.on_delay_s > 0 ? `${text.comma}${text.rules.heldFor(shortDuration(rule.on_delay_s * 1000, text))}` : '';
  return <>{`${name}${text.colon}${words()}${held}`}</>;

  function words(): string {
    const value = row === undefined ? spec['value'] : row.direction === 'within' && side === 'at_least' ? -row.value : row.value;
    if (rule.kind !== 'limit' || metric === undefined || typeof value !== 'number') return text.rules.kind[rule.kind];
    const level = spec['level'] as Level;
    const display = displayOf(metric);
    if (spec['relative_to'] == null) return limitWords({ level, value }, display, text, locale);
    return text.rules.ofSetPoint(`${value > 0 ? '+' : ''}${limitQuantity(value, display, text, locale)}`);
  }
}
