// A value as people read it: in its display unit, with its number of decimals, or as a word where it is a code.
import type { Basis, Display, Level, Locale, PointLimit, Quality } from './shapes';
import { said, word, type Dictionary } from './text';

const SPACE = '\u00a0'; // number and unit never part at a line's end

/** The word for a coded value ("Running"), the code where nobody has said what it means; undefined for what is measured. */
export function stateWord(value: number, { codes }: Display, locale: Locale): string | undefined {
  if (!codes) return undefined;
  const name = codes[String(value)];
  return name === undefined ? String(value) : said(name, locale);
}

export function isCoded(display: Display): boolean {
  return Boolean(display.codes);
}

/** The unit as it is written; SenML's unit of a bare number is "1", which nobody says. */
export function unitOf(display: Display, text: Dictionary): string {
  return display.display_unit === '1' ? '' : (word(text.unit, display.display_unit) ?? display.display_unit);
}

/** `value` in the stored unit; the answer in the display unit, without it: "0.452". */
export function bareNumber(value: number, display: Display, locale: Locale): string {
  return formatter(locale, display.decimals).format(value * display.display_scale);
}

/** "87.4 %RH", "Running". */
export function quantity(value: number, display: Display, text: Dictionary, locale: Locale): string {
  const state = stateWord(value, display, locale);
  if (state !== undefined) return state;
  const unit = unitOf(display, text);
  return bareNumber(value, display, locale) + (unit === '' ? '' : SPACE + unit);
}

/** A limit has no more decimals than it needs: "80 %RH" beside "87.4 %RH". */
export function limitQuantity(value: number, display: Display, text: Dictionary, locale: Locale): string {
  const shown = new Intl.NumberFormat(locale, { maximumFractionDigits: Math.max(display.decimals, 3) }).format(value * display.display_scale);
  const unit = unitOf(display, text);
  return shown + (unit === '' ? '' : SPACE + unit);
}

export function isUpwards(level: Level): boolean {
  return level === 'high' || level === 'high_high';
}

/** "alarm above 80 %RH", or "normal is “Dry”" for a coded metric. */
export function limitWords(limit: { level: Level; value: number }, display: Display, text: Dictionary, locale: Locale): string {
  const upwards = isUpwards(limit.level);
  if (isCoded(display)) {
    // A limit lies between two codes: the last one on the near side is still normal.
    return text.normalIs(stateWord(upwards ? Math.floor(limit.value) : Math.ceil(limit.value), display, locale) ?? '');
  }
  const shown = limitQuantity(limit.value, display, text, locale);
  return upwards ? text.alarmAbove(shown) : text.alarmBelow(shown);
}

/** All limits of a point beside a value that shows the unit: "alarm above 80 / 70", and their basis: "(P, since 2026-01-01)". */
export function limitsWords(limits: readonly PointLimit[], display: Display, text: Dictionary, locale: Locale): { readonly phrases: string[]; readonly mark: string } {
  const basis = [...new Set(limits.map((limit) => (limit.basis === null ? '' : basisMark(limit.basis, text))))].filter((mark) => mark !== '');
  const mark = basis.length === 0 ? '' : `(${basis.join(' / ')})`;
  const first = limits[0];
  if (first === undefined) return { phrases: [text.equipment.noLimit], mark };
  if (isCoded(display)) return { phrases: [limitWords(first, display, text, locale)], mark };
  const bare = { ...display, display_unit: '1' };
  const listed = (upwards: boolean): string =>
    limits
      .filter((limit) => isUpwards(limit.level) === upwards)
      .map((limit) => limitQuantity(limit.value, bare, text, locale))
      .join(' / ');
  const phrases = [listed(true), listed(false)].map((values, index) => (values === '' ? '' : index === 0 ? text.alarmAbove(values) : text.alarmBelow(values)));
  return { phrases: phrases.filter((phrase) => phrase !== ''), mark };
}

/** "(P, since 2026-01-01)": where a limit comes from, in the shortest form that is still true. */
export function basisMark(basis: Basis, text: Dictionary): string {
  return basis.effective_from === null ? basis.grade : `${basis.grade}${text.comma}${text.basisSince(basis.effective_from)}`;
}

export function isDoubtful(quality: Quality): boolean {
  return quality !== 'good';
}

/** No value for three report periods: it says nothing about now. Periods in seconds, the rest in ms. */
export function isStale(at: number, now: number, reportPeriod: number | null): boolean {
  return reportPeriod !== null && now - at > 3 * reportPeriod * 1000;
}

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(locale: Locale, decimals: number): Intl.NumberFormat {
  const key = `${locale} ${decimals}`;
  let found = formatters.get(key);
  if (found === undefined) {
    found = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formatters.set(key, found);
  }
  return found;
}

/** Bytes as people read them: 812 B, 43 kB, 1.2 MB. */
export function sizeWord(bytes: number, locale: string): string {
  const [value, unit] = bytes < 1000 ? [bytes, 'B'] : bytes < 1_000_000 ? [bytes / 1000, 'kB'] : [bytes / 1_000_000, 'MB'];
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: unit === 'MB' ? 1 : 0 }).format(value)} ${unit}`;
}

/** A sentence of the server's, in which no number parts from its unit at a line's end. */
export function tied(sentence: string): string {
  return sentence.replace(/(\d) (?=\S{1,4}([\s().,;（），。；]|$))/g, `$1${SPACE}`);
}
