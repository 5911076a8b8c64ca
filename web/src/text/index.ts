import type { LocalText, Locale } from '../shapes';
import { en } from './en';
import { zhCN, type Dictionary } from './zh-CN';

export type { Dictionary };

export const dictionaries: Readonly<Record<Locale, Dictionary>> = { 'zh-CN': zhCN, en };

/** The server's own words in the reader's language; the other language rather than nothing. */
export function said(text: LocalText | string, locale: Locale): string {
  if (typeof text === 'string') return text;
  return text[locale] || text['zh-CN'] || text.en || '';
}

/** A word for a code that the server may extend: undefined where this version of the app does not know it. */
export function word(words: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(words, code) ? words[code] : undefined;
}
