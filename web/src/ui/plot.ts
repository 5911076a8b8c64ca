// The drawing itself: uPlot, with the limits as lines, the alarm's span shaded, and fingers to zoom. Loaded only when a
// chart is on the screen.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Drawable } from '../readings';
import type { Severity } from '../shapes';
import { bindTouch } from './plot-touch';

export interface LimitLine {
  /** In the display unit. */
  readonly value: number;
  readonly severity: Severity;
  readonly label: string;
}

export interface Span {
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** A span in alarm. One of another version of the rule is a strip at the foot, in no alarm's colour. */
export interface Shade extends Span {
  readonly severity: Severity;
  readonly before?: boolean;
}

export interface PlotOptions {
  readonly limits: readonly LimitLine[];
  readonly shaded: readonly Shade[];
  readonly span: Span;
  /** IANA name of the zone whose hours and days the axis marks. */
  readonly zone: string;
  /** Codes and states change in steps and have no values between. */
  readonly stepped: boolean;
  /** Ticks of a coded metric: its codes. */
  readonly ticks: readonly number[] | null;
  timeLabel(at: number, increment: number): string;
  valueLabel(value: number): string;
  /** The reading under the finger or the pointer, null when it leaves. */
  pointed(index: number | null): void;
  zoomed(span: Span | null): void;
}

export interface Plot {
  update(data: Drawable, span: Span, shaded: PlotOptions['shaded']): void;
  /** `factor` below 1 zooms in. */
  zoom(factor: number): void;
  /** By a share of what is seen; below 0 towards the past. */
  pan(share: number): void;
  reset(): void;
  resize(width: number, height: number): void;
  destroy(): void;
}

export function draw(box: HTMLElement, data: Drawable, options: PlotOptions): Plot {
  const style = getComputedStyle(box);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const text = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.75;
  const font = `${text}px ${style.fontFamily}`;
  let { span, shaded } = options;

  const axis: uPlot.Axis = {
    font,
    stroke: colour('ink-2'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  const labelWidth = (values: readonly string[] | null): number => {
    const longest = Math.max(2, ...(values ?? []).map((value) => width(value)));
    return Math.ceil(longest * text * 0.6) + 12;
  };

  const plot = new uPlot(
    {
      width: box.clientWidth,
      height: box.clientHeight,
      padding: [text, Math.round(text * 1.5), 0, options.ticks === null ? 0 : Math.round(text * 1.5)],
      legend: { show: false },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), options.zone),
      cursor: {
        y: false,
        drag: { x: true, y: false, dist: 8 },
        points: { size: 8, stroke: colour('ink'), fill: colour('surface') },
        bind: { dblclick: () => () => (reset(), null) },
      },
      select: { show: true, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: true, auto: false, range: (_plot, low, high) => [low ?? span.from, high ?? span.to] },
        y: { range: (_plot, low, high) => bounds(low, high) },
      },
      axes: [
        { ...axis, space: text * 6, size: text * 1.9, gap: 4, values: (_plot, at, _index, _space, increment) => at.map((each) => options.timeLabel(each, increment)) },
        {
          ...axis,
          gap: 4,
          size: (_plot, values) => labelWidth(values),
          values: (_plot, values) => values.map((each) => (each === null ? '' : options.valueLabel(each))),
          // Words are too long for a margin: they stand inside, upon the lines of their codes.
          ...(options.ticks === null ? {} : { size: 0, values: () => [], splits: () => [...options.ticks!] }),
        },
      ],
      series: [
        {},
        {
          stroke: colour('ink'),
          width: 1.5,
          spanGaps: false,
          points: { size: 4, fill: colour('ink') },
          ...(options.stepped ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
        },
        { stroke: colour('ink-2'), paths: () => null, points: { show: true, size: 6, width: 1.5, fill: colour('surface') } },
        { width: 0, points: { show: false } },
        { width: 0, points: { show: false } },
      ],
      // Between the lowest and the highest of each step: a mean alone would hide what an alarm is about.
      bands: [{ series: [4, 3], fill: colour('line-strong') + '55' }],
      hooks: {
        drawAxes: [shade],
        draw: [lines],
        setCursor: [(self) => options.pointed(self.cursor.idx ?? null)],
        setScale: [(_self, key) => key === 'x' && options.zoomed(zoomedSpan())],
      },
    },
    columns(data),
    box,
  );
  plot.setScale('x', { min: span.from, max: span.to });
  const unbind = bindTouch(plot, show);

  return {
    update(fresh, freshSpan, freshShaded) {
      const whole = zoomedSpan() === null;
      span = freshSpan;
      shaded = freshShaded;
      plot.setData(columns(fresh), false);
      if (whole) plot.setScale('x', { min: span.from, max: span.to });
      else plot.redraw();
    },
    zoom(factor) {
      const { low, high } = seen();
      const half = ((high - low) * factor) / 2;
      show((low + high) / 2 - half, (low + high) / 2 + half);
    },
    pan(share) {
      const { low, high } = seen();
      const by = (high - low) * share;
      show(low + by, high + by);
    },
    reset,
    resize: (wide, tall) => plot.setSize({ width: wide, height: tall }),
    destroy() {
      unbind();
      plot.destroy();
    },
  };

  function seen(): { low: number; high: number } {
    return { low: plot.scales['x']?.min ?? span.from, high: plot.scales['x']?.max ?? span.to };
  }

  function zoomedSpan(): Span | null {
    const { low, high } = seen();
    return low > span.from + 0.5 || high < span.to - 0.5 ? { from: low, to: high } : null;
  }

  /** Show a part, no shorter than ten seconds and never outside what was read. */
  function show(low: number, high: number): void {
    const length = Math.min(span.to - span.from, Math.max(10, high - low));
    const from = Math.min(Math.max(span.from, low), span.to - length);
    plot.setScale('x', { min: from, max: from + length });
  }

  function reset(): void {
    plot.setScale('x', { min: span.from, max: span.to });
  }

  // The limits belong into the picture: how far away they are is half of what it says.
  function bounds(low: number | null, high: number | null): [number, number] {
    const all = [low, high, ...options.limits.map((limit) => limit.value), ...(options.ticks ?? [])].filter((value) => value !== null && Number.isFinite(value)) as number[];
    if (all.length === 0) return [0, 1];
    const least = Math.min(...all);
    const most = Math.max(...all);
    const air = (most - least || Math.abs(most) || 1) * 0.12;
    return [least - air, most + air];
  }

  function shade(self: uPlot): void {
    const { ctx, bbox } = self;
    const strip = 10 * devicePixelRatio;
    for (const each of shaded) {
      const left = Math.max(bbox.left, self.valToPos(each.from, 'x', true));
      // An alarm of a moment must be seen too.
      const right = Math.min(bbox.left + bbox.width, Math.max(self.valToPos(each.to, 'x', true), left + 2 * devicePixelRatio));
      if (right <= left) continue;
      ctx.save();
      if (each.before === true) {
        ctx.fillStyle = colour('ink-2');
        ctx.fillRect(left, bbox.top + bbox.height - strip, right - left, strip);
      } else {
        ctx.globalAlpha = 0.16;
        ctx.fillStyle = colour(each.severity);
        ctx.fillRect(left, bbox.top, right - left, bbox.height);
        ctx.globalAlpha = 1;
        ctx.fillRect(left, bbox.top, 2 * devicePixelRatio, bbox.height);
      }
      ctx.restore();
    }
  }

  function lines(self: uPlot): void {
    const { ctx, bbox } = self;
    ctx.save();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.font = `${text * devicePixelRatio}px ${style.fontFamily}`;
    ctx.textAlign = 'left';
    ctx.textBaseline = 'bottom';
    const taken: { readonly y: number; readonly right: number }[] = [];
    for (const code of options.ticks ?? []) label(options.valueLabel(code), Math.round(self.valToPos(code, 'y', true)));
    for (const limit of options.limits) {
      const y = Math.round(self.valToPos(limit.value, 'y', true));
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      ctx.strokeStyle = colour(limit.severity);
      ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
      label(limit.label, y);
    }
    ctx.restore();

    // Readable over the line it stands on: a rim in the colour of the ground. Lines that are near each other have their
    // labels side by side, as far as there is room.
    function label(words: string, y: number): void {
      const first = bbox.left + 4 * devicePixelRatio;
      const width = ctx.measureText(words).width;
      const near = taken.filter((each) => Math.abs(each.y - y) < 1.2 * text * devicePixelRatio);
      const beside = Math.max(first, ...near.map((each) => each.right + 8 * devicePixelRatio));
      const left = beside + width > bbox.left + bbox.width ? first : beside;
      taken.push({ y, right: left + width });
      const above = y - 2 * devicePixelRatio;
      ctx.save();
      ctx.lineWidth = 3 * devicePixelRatio;
      ctx.lineJoin = 'round';
      ctx.setLineDash([]);
      ctx.strokeStyle = colour('surface');
      ctx.strokeText(words, left, above);
      ctx.fillStyle = colour('ink');
      ctx.fillText(words, left, above);
      ctx.restore();
    }
  }
}

function columns({ at, line, doubtful, low, high }: Drawable): uPlot.AlignedData {
  return [at, line, doubtful, low, high];
}

// Chinese characters are about twice as wide as digits.
function width(label: string): number {
  let sum = 0;
  for (const sign of label) sum += sign.charCodeAt(0) > 0x2e7f ? 1.8 : 1;
  return sum;
}
