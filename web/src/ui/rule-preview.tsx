import { useMemo, useState } from 'preact/hooks';
import { useLanguage } from '../language';
import { tied } from '../quantity';
import type { Level, Preview, Rule, TriedAlarm } from '../shapes';
import { Chart } from './chart';
import { MomentButton } from './moment';

const SHOWN = 20;

interface Props {
  readonly preview: Preview;
  readonly rule: Rule;
  /** The rule as it would be. */
  readonly document: Readonly<Record<string, unknown>> | null;
}

/** What a change would have changed: how many alarms, which of them, and where they lie over the readings. */
export function PreviewView({ preview, rule, document }: Props) {
  const { text, say } = useLanguage();
  const { before, after } = preview;
  const [chosen, setChosen] = useState(() => (after.alone[0] ?? before.alone[0] ?? after.alarms[0])?.point_id ?? preview.points[0]?.id);
  const point = preview.points.find((each) => each.id === chosen);
  const tried = useMemo(
    () => [...before.alarms.map((each) => ({ each, before: true })), ...after.alarms.map((each) => ({ each, before: false }))]
      .filter(({ each }) => each.point_id === chosen)
      .map(({ each, before: was }) => ({ from: Date.parse(each.raised_at), to: each.cleared_at === null ? null : Date.parse(each.cleared_at), severity: rule.severity, before: was })),
    [preview, chosen],
  );
  const limit = document?.['limit'] as { level: Level; value: unknown; relative_to?: string | null } | null | undefined;
  const limits = limit != null && typeof limit.value === 'number' && limit.relative_to == null ? [{ level: limit.level, value: limit.value, severity: rule.severity }] : [];
  const same = before.alone_count + after.alone_count === 0;
  // what has its counterpart on the other side may be another number there: one that falls apart, several that become one
  const rest = { before: before.count - before.alone_count, after: after.count - after.alone_count };
  if (preview.points.length === 0) return <p class="note">{text.rules.watchesNothing}</p>;
  return (
    <div class="preview" role="region" aria-label={text.rules.preview}>
      <dl class="preview-figures">
        <div>
          <dt>{text.rules.before}</dt>
          <dd>{before.count}</dd>
        </div>
        <div>
          <dt>{text.rules.after}</dt>
          <dd>{after.count}</dd>
        </div>
      </dl>
      <p class="strong">{same && rest.before === rest.after ? text.rules.noDifference : text.rules.difference(after.alone_count, before.alone_count)}</p>
      {rest.before !== rest.after && <p>{text.rules.regrouped(rest.before, rest.after)}</p>}
      <p class="minor">
        {text.rules.judged(preview.readings, preview.points.length)}
        {preview.points_left_out > 0 && text.rules.leftOut(preview.points_left_out)}
      </p>
      {preview.points.length > 1 && (
        <label class="field">
          <span>{text.rules.point}</span>
          <select value={String(chosen)} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {preview.points.map((each) => (
              <option key={each.id} value={String(each.id)}>{`${say(each.equipment.name)} · ${say(each.name)} (${countAt(each.id)})`}</option>
            ))}
          </select>
        </label>
      )}
      {point !== undefined && (
        <>
          <Chart key={point.id} point={point} period={null} limits={limits} siteId={point.site.id} tried={tried} />
          <p class="minor">{text.rules.chartLegend}</p>
        </>
      )}
      <Alarms title={text.rules.wouldCome} alarms={after.alone} count={after.alone_count} />
      <Alarms title={text.rules.wouldGo} alarms={before.alone} count={before.alone_count} />
    </div>
  );

  function countAt(id: number): string {
    const at = (alarms: readonly TriedAlarm[]): number => alarms.filter((each) => each.point_id === id).length;
    return `${at(before.alarms)} → ${at(after.alarms)}`;
  }

  function Alarms({ title, alarms, count }: { readonly title: string; readonly alarms: readonly TriedAlarm[]; readonly count: number }) {
    if (count === 0) return null;
    return (
      <details class="folded" open={count <= 5}>
        <summary>{`${title} · ${count}`}</summary>
        <ol class="ledger">
          {alarms.slice(0, SHOWN).map((each) => {
            const at = preview.points.find((known) => known.id === each.point_id);
            return (
              <li key={`${each.point_id} ${each.raised_at}`}>
                <MomentButton at={each.raised_at} siteId={at?.site.id ?? null} />
                <div>
                  <span class="ledger-kind">{at === undefined ? '' : say(at.equipment.name)}</span>
                  <p class="ledger-remark">{tied(say(each.seen))}</p>
                </div>
              </li>
            );
          })}
        </ol>
        {count > SHOWN && <p class="minor">{text.states.cut(SHOWN)}</p>}
      </details>
    );
  }
}
