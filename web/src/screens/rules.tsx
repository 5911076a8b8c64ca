import { rank } from '../alarm';
import { useLanguage } from '../language';
import { useResource } from '../resource';
import { may, session } from '../session';
import type { Rule } from '../shapes';
import * as sources from '../sources';
import { useStore } from '../store';
import { Link } from '../ui/link';
import { Pane, Section } from '../ui/pane';
import { RuleWords } from '../ui/rule-words';
import { SeverityWord } from '../ui/severity';
import { Empty, Listing, SkeletonRows } from '../ui/states';

/** All rules, by what they watch; the most severe first. */
export function RulesScreen() {
  const { text, say } = useLanguage();
  const rules = useResource(sources.rules);
  const kinds = useResource(sources.kinds);
  const allowed = may(useStore(session), 'write:rules');
  return (
    <Pane name="rules" title={text.rules.title} under={<span class="minor">{text.rules.what}</span>} backTo="/me" action={allowed && <Link href="/rules/new" class="button large primary">{text.ruleDraft.open}</Link>}>
      <Listing of={rules} loading={text.states.loading} skeleton={<SkeletonRows count={6} />} isEmpty={(data) => data.length === 0} empty={<Empty>{text.rules.none}</Empty>}>
        {(data) =>
          groups(data).map(([kind, members]) => (
            <Section key={kind} title={kind === '' ? text.rules.anyKind : say(kinds.data?.find((each) => each.code === kind)?.name ?? kind)} aside={members.length}>
              <ul class="rows">
                {members.map((rule) => (
                  <li key={rule.id} class="rule-row">
                    <div class="alarm-row-top">
                      <SeverityWord severity={rule.severity} />
                      {!rule.enabled && <span class="tag">{text.rules.off}</span>}
                      {rule.enabled && rule.shadow && <span class="tag">{text.quiet.short.shadow}</span>}
                      {rule.life_safety && <span class="tag">{text.now.lifeSafety}</span>}
                    </div>
                    <Link href={`/rules/${rule.id}`} class="row-link">
                      {say(rule.name)}
                    </Link>
                    <p class="minor">
                      <RuleWords rule={rule} />
                    </p>
                  </li>
                ))}
              </ul>
            </Section>
          ))
        }
      </Listing>
    </Pane>
  );
}

function groups(rules: readonly Rule[]): [string, Rule[]][] {
  const found = new Map<string, Rule[]>();
  for (const rule of [...rules].sort((a, b) => rank(a.severity) - rank(b.severity) || a.id - b.id)) {
    const kind = rule.scope.equipment_kind ?? '';
    found.set(kind, [...(found.get(kind) ?? []), rule]);
  }
  return [...found].sort(([a], [b]) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b)));
}
