// Parts of elevators in words and figures: money, what of a life is used, and what a budget sums up to.
import type { Budget, BudgetQuarter, Expectation, Locale, Money } from './shapes';
import type { Dictionary } from './text';

/** An amount in minor units (fen, cents) as people write it. */
export function money(minor: number, currency: string, locale: Locale, short = false): string {
  const plain = new Intl.NumberFormat(locale, { style: 'currency', currency });
  const digits = plain.resolvedOptions().maximumFractionDigits ?? 2;
  const amount = minor / 10 ** digits;
  if (short) return new Intl.NumberFormat(locale, { style: 'currency', currency, notation: 'compact', maximumFractionDigits: 1 }).format(amount);
  return Number.isInteger(amount) ? new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount) : plain.format(amount);
}

/** Different currencies are never added. */
export function moneyWords(total: Money, locale: Locale, none: string): string {
  const words = Object.entries(total).map(([currency, minor]) => money(minor, currency, locale));
  return words.length === 0 ? none : words.join(' + ');
}

/** "61 months of 60 months", "4.2 % of 6 %". */
export function usedWords({ used, limit, unit }: Expectation, text: Dictionary, locale: Locale): string {
  return text.parts.used(amountWords(used, unit, text, locale), amountWords(limit, unit, text, locale));
}

export function amountWords(value: number, unit: string, text: Dictionary, locale: Locale): string {
  if (unit === 'mo') return text.parts.months(number(value, locale, 0));
  if (unit === '1') return text.parts.times(number(value, locale, value < 1000 ? 0 : 2));
  return `${number(value, locale, 1)}\u00a0${unit}`;
}

function number(value: number, locale: Locale, decimals: number): string {
  const options: Intl.NumberFormatOptions = value >= 10_000 ? { notation: 'compact', maximumFractionDigits: decimals } : { maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale, options).format(value);
}

/** How much of a life is gone, 0 to 1. */
export function usedShare({ used, limit }: Expectation): number {
  return limit > 0 ? Math.min(Math.max(used / limit, 0), 1) : 1;
}

export function currenciesOf(budget: Budget): string[] {
  return Object.keys(budget.total);
}

export function amountOf(quarter: BudgetQuarter, currency: string): number {
  return quarter.total[currency] ?? 0;
}
