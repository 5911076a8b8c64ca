import { useLanguage } from '../language';
import type { LiftWarningDetail } from '../lift-shapes';
import { zoneOf } from '../sources';
import { dayIn, dayWord } from '../time';

const WIDTH = 328;
const HEIGHT = 220;
const [LEFT, RIGHT, TOP, BOTTOM] = [36, 10, 16, 26];
const DAY_MS = 86_400_000;
/** So far past its middle date a band is drawn that ends late or never. */
const BEYOND_DAYS = 28;

/** What was measured, the line through the latest of it, its band, and where it meets the limit. */
export function TrendChart({ of }: { readonly of: LiftWarningDetail }) {
  const { text, locale } = useLanguage();
  const zone = zoneOf(of.site_id);
  const points = of.samples.map((each) => ({ at: Date.parse(each.at), value: each.value }));
  const last = points.at(-1)?.at ?? Date.parse(of.looked_at);
  const first = points[0]?.at ?? last - 30 * DAY_MS;
  const fitFrom = points.at(-of.tests)?.at ?? first;
  const expected = Date.parse(of.expected_at);
  const earliest = Date.parse(of.earliest_at);
  const end = expected + BEYOND_DAYS * DAY_MS;
  const latest = Math.min(of.latest_at === null ? end : Date.parse(of.latest_at), end);
  const line = (at: number, slope = of.slope_per_day): number => of.level + (slope * (at - last)) / DAY_MS;
  // The flat edge of the band as far as it is drawn: it reaches the limit only where it ends in the picture.
  const flattest = of.latest_at === null ? of.slope_per_day - Math.sign(of.slope_per_day) * 1.96 * of.slope_error_per_day : ((of.crosses - of.level) * DAY_MS) / (Date.parse(of.latest_at) - last);

  const values = [...points.map((each) => each.value), of.crosses, line(fitFrom)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low || 1) * 0.12;
  const x = (at: number): number => LEFT + ((at - first) / (end - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - ((value - low + air) / (high - low + 2 * air)) * (HEIGHT - TOP - BOTTOM);
  const day = (at: number): string => dayWord(dayIn(at, zone), locale);
  const number = (value: number): string => new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(value);
  const path = (...corners: readonly (readonly [number, number])[]): string => `M${corners.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('L')}`;
  return (
    <figure class="trend">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text.warnings.chart(day(first), day(end))}>
        <path class="band" d={`${path([last, of.level], [earliest, of.crosses], [latest, latest < end ? of.crosses : line(latest, flattest)])}Z`} />
        <path class="limit" d={path([first, of.crosses], [end, of.crosses])} />
        <text x={LEFT + 2} y={y(of.crosses) - 5}>
          {text.warnings.limit} {number(of.crosses)} {of.unit}
        </text>
        <path class="fit" d={path([fitFrom, line(fitFrom)], [last, of.level])} />
        <path class="fit is-ahead" d={path([last, of.level], [expected, of.crosses])} />
        {points.map((each) => (
          <circle key={each.at} class={each.at >= fitFrom ? '' : 'is-older'} cx={x(each.at)} cy={y(each.value)} r={3} />
        ))}
        <path class="meets" d={path([expected, of.crosses], [expected, low - air])} />
        <circle class="meets" cx={x(expected)} cy={y(of.crosses)} r={4} />
        <path class="ground" d={path([first, low - air], [end, low - air])} />
        <text x={LEFT} y={HEIGHT - 8}>
          {day(first)}
        </text>
        <text class="middle" x={x(expected)} y={HEIGHT - 8}>
          {day(expected)}
        </text>
        {[low, high].filter((each) => Math.abs(y(each) - y(of.crosses)) > 12).map((each) => (
          <text key={each} class="end" x={LEFT - 6} y={y(each) + 4}>
            {number(each)}
          </text>
        ))}
      </svg>
      <figcaption class="minor">
        <span class="key-point" /> {text.warnings.points} <span class="key-line" /> {text.warnings.line} <span class="key-band" /> {text.warnings.band}
      </figcaption>
      <details class="chart-table">
        <summary>{text.warnings.table}</summary>
        <table>
          <tbody>
            {[...points].reverse().map((each) => (
              <tr key={each.at}>
                <th scope="row">{day(each.at)}</th>
                <td>
                  {number(each.value)} {of.unit}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
