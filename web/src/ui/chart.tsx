import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { now, useNow } from '../clock';
import { useLanguage } from '../language';
import { preferences } from '../preferences';
import { bareNumber, isCoded, isDoubtful, isUpwards, limitQuantity, quantity, unitOf } from '../quantity';
import { drawable, useReadings, type Sample } from '../readings';
import type { Display, Level, LocalText, Severity } from '../shapes';
import { zoneOf } from '../sources';
import { useStore } from '../store';
import { axisTime, clock, fullTime, shortDuration } from '../time';
import { explain } from '../problem';
import { Icon } from './icon';
import { useMedia } from './media';
import type { Plot, PlotOptions, Span } from './plot';
import { Segmented } from './segmented';

const HOUR = 3_600_000;
const lengths = { hour: HOUR, day: 24 * HOUR, week: 168 * HOUR, year: 8_760 * HOUR } as const;
/** Longer spans come in steps: single readings would be thousands. */
const LONGEST_SINGLE = 4 * HOUR;
const TABLE_ROWS = 60;

/** Around the alarm, where there is one, is closer than any other. */
type Range = 'around' | keyof typeof lengths;

interface ChartProps {
  readonly point: Display & { readonly id: number; readonly name: LocalText };
  /** In seconds, null where unknown. */
  readonly period: number | null;
  readonly limits: readonly { readonly level: Level; readonly value: number; readonly severity: Severity }[];
  readonly siteId: number;
  /** An alarm to draw around; `to` null while it lasts. In ms since 1970. */
  readonly alarm?: AlarmSpan;
  /** Alarms to draw over the last week: those of a rule that is tried, and, as `before`, those of the rule as it stands. */
  readonly tried?: readonly (AlarmSpan & { readonly before: boolean })[];
}

interface AlarmSpan {
  readonly from: number;
  readonly to: number | null;
  readonly severity: Severity;
}

/** A point's readings over time: the limits as lines, an alarm shaded, gaps as gaps; also in words and as a table. */
export function Chart({ point, period, limits, siteId, alarm, tried }: ChartProps) {
  const { text, locale, say } = useLanguage();
  const [range, setRange] = useState<Range>(tried !== undefined ? 'week' : alarm === undefined ? 'hour' : 'around');
  const [opened] = useState(now);
  const [pointed, setPointed] = useState<number | null>(null);
  const [zoomed, setZoomed] = useState<Span | null>(null);
  const around = range === 'around' && alarm !== undefined;
  const from = around ? alarm.from - HOUR / 2 : opened - lengths[range === 'around' ? 'hour' : range];
  const to = around && alarm.to !== null ? alarm.to + HOUR / 4 : null;
  const until = to !== null && to < opened ? to : null;
  const coded = isCoded(point);
  // A state has no mean: it is drawn change by change.
  const inSteps = !coded && (until ?? opened) - from > LONGEST_SINGLE;
  const { items, step, loading, failure, cutAt, reload } = useReadings(point.id, from, until, inSteps);
  const plot = useRef<Plot | undefined>(undefined);
  const zone = zoneOf(siteId);
  const coarse = useMedia('(pointer: coarse)');
  const minute = Math.floor(useNow() / 60_000);

  const data = useMemo(() => drawable(items, step ?? period, point.display_scale), [items, step, period, point.display_scale]);
  const span: Span = useMemo(() => {
    const end = until ?? Math.max(now(), items.length > 0 ? Date.parse(items.at(-1)!.at) : 0);
    const begin = until !== null || around ? from : end - (opened - from);
    return { from: begin / 1000, to: end / 1000 };
  }, [items, from, until, minute]);
  const shaded = useMemo(
    () => [...(alarm === undefined ? [] : [alarm]), ...(tried ?? [])].map((each) => ({ ...each, from: each.from / 1000, to: (each.to ?? span.to * 1000) / 1000 })),
    [alarm?.from, alarm?.to, alarm?.severity, tried, span.to],
  );
  const shownLimits = coded ? [] : limits.map((limit) => ({
    value: limit.value * point.display_scale,
    severity: limit.severity,
    label: `${isUpwards(limit.level) ? '>' : '<'} ${limitQuantity(limit.value, point, text, locale)} ${text.severity[limit.severity]}`,
  }));

  const options: PlotOptions = {
    limits: shownLimits,
    shaded,
    span,
    zone,
    stepped: coded,
    ticks: coded ? codesIn(items.map((reading) => reading.value)) : null,
    timeLabel: (at, increment) => axisTime(at * 1000, increment, locale, zone),
    valueLabel: (value) => (coded ? quantity(value, point, text, locale) : value.toLocaleString(locale, { maximumFractionDigits: 3 })),
    pointed: setPointed,
    zoomed: setZoomed,
  };
  const seen = zoomed === null ? items : items.filter((reading) => Date.parse(reading.at) / 1000 >= zoomed.from && Date.parse(reading.at) / 1000 <= zoomed.to);
  const show = (value: number): string => quantity(value, point, text, locale);
  const under = pointed === null ? undefined : readingAt(data.at[pointed]);

  return (
    <div class="chart">
      <Segmented
        label={text.chart.range}
        name={`range-${point.id}`}
        value={range}
        options={[alarm === undefined ? ('hour' as const) : ('around' as const), 'day' as const, 'week' as const, ...(coded ? [] : (['year'] as const))].map((value) => ({ value, label: text.chart[value] }))}
        choose={(value) => {
          setZoomed(null);
          setPointed(null);
          setRange(value);
        }}
      />
      <p class="chart-readout" aria-hidden="true">
        {under === undefined ? (
          <span class="minor">{items.length === 0 ? unitOf(point, text) : coarse ? text.chart.howtoTouch : text.chart.howto}</span>
        ) : (
          <>
            <strong>{between(under)}</strong> <span class="minor">{fullTime(Date.parse(under.at), locale, zone, 'short')}</span>
          </>
        )}
      </p>
      <div class="chart-field" role="img" aria-label={text.chart.label(say(point.name), clock(span.from * 1000, now(), locale, zone), clock(span.to * 1000, now(), locale, zone))}>
        {items.length > 0 && <Drawing key={JSON.stringify([range, locale, options.ticks, shownLimits])} data={data} options={options} plot={plot} />}
        {items.length === 0 && <p class="chart-message">{loading ? text.chart.loading(0) : failure !== undefined ? explain(failure, text) : text.chart.empty}</p>}
      </div>
      {items.length > 0 && (
        <div class="chart-tools">
          <button type="button" class="icon-button" aria-label={text.chart.zoomIn} onClick={() => plot.current?.zoom(0.5)}>
            <Icon name="plus" />
          </button>
          <button type="button" class="icon-button" aria-label={text.chart.zoomOut} disabled={zoomed === null} onClick={() => plot.current?.zoom(2)}>
            <Icon name="minus" />
          </button>
          <button type="button" class="icon-button" aria-label={text.chart.earlier} disabled={zoomed === null} onClick={() => plot.current?.pan(-0.5)}>
            <Icon name="left" />
          </button>
          <button type="button" class="icon-button" aria-label={text.chart.later} disabled={zoomed === null} onClick={() => plot.current?.pan(0.5)}>
            <Icon name="right" />
          </button>
          {zoomed !== null && (
            <button type="button" class="button quiet" onClick={() => plot.current?.reset()}>
              {text.chart.reset}
            </button>
          )}
        </div>
      )}
      <div class="chart-words minor" role="status">
        {loading && items.length > 0 && <p>{text.chart.loading(items.length)}</p>}
        {failure !== undefined && (
          <p>
            {items.length > 0 && explain(failure, text)}{' '}
            <button type="button" class="button quiet" onClick={reload}>
              {text.states.retry}
            </button>
          </p>
        )}
        {cutAt !== undefined && <p>{text.chart.cut(clock(cutAt, now(), locale, zone))}</p>}
        {!loading && seen.length > 0 && !coded && (
          <p>{text.chart.summary(show(least(seen.map((item) => item.low))), show(most(seen.map((item) => item.high))), show(seen.at(-1)!.last), sum(seen.map((item) => item.count)))}</p>
        )}
        {step !== null && items.length > 0 && <p>{text.chart.steps(shortDuration(step * 1000, text))}</p>}
        {seen.some((reading) => isDoubtful(reading.quality)) && <p>{text.chart.doubtful(seen.filter((reading) => isDoubtful(reading.quality)).length)}</p>}
      </div>
      {seen.length > 0 && (
        <details class="chart-table">
          <summary>{text.chart.table}</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">{text.chart.time}</th>
                <th scope="col">{say(point.name)}</th>
              </tr>
            </thead>
            <tbody>
              {seen
                .slice(-TABLE_ROWS)
                .reverse()
                .map((reading) => (
                  <tr key={`${reading.at} ${reading.value}`}>
                    <td>{fullTime(Date.parse(reading.at), locale, zone, 'short')}</td>
                    <td>{between(reading)}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );

  /** A reading's value; of a step the lowest and the highest. */
  function between({ value, low, high }: Sample): string {
    return low === high ? show(value) : `${bareNumber(low, point, locale)} – ${show(high)}`;
  }

  function readingAt(at: number | undefined) {
    return at === undefined ? undefined : items.find((reading) => Date.parse(reading.at) / 1000 === at);
  }
}

interface DrawingProps {
  readonly data: ReturnType<typeof drawable>;
  readonly options: PlotOptions;
  readonly plot: { current: Plot | undefined };
}

function Drawing({ data, options, plot }: DrawingProps) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useMedia('(prefers-color-scheme: dark)');
  const { theme } = useStore(preferences);
  const newest = useRef({ data, options });
  newest.current = { data, options };

  // Drawn anew only when its colours change; the callbacks always ask for the newest.
  useEffect(() => {
    let gone = false;
    const watcher = new ResizeObserver(() => plot.current?.resize(box.current?.clientWidth ?? 0, box.current?.clientHeight ?? 0));
    void import('./plot').then(({ draw }) => {
      if (gone || box.current === null) return;
      plot.current = draw(box.current, newest.current.data, newest.current.options);
      watcher.observe(box.current);
    });
    return () => {
      gone = true;
      watcher.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [dark, theme]);

  useEffect(() => plot.current?.update(data, options.span, options.shaded), [data, options.span, options.shaded]);

  return <div class="chart-drawing" ref={box} />;
}

function codesIn(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

// Not Math.min(...values): a week of readings is more than a call takes arguments.
function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}
