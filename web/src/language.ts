import { preferences } from './preferences';
import { session, type SessionState } from './session';
import type { Locale, LocalText } from './shapes';
import { useStore } from './store';
import { dictionaries, said, type Dictionary } from './text';

export interface Language {
  readonly locale: Locale;
  readonly text: Dictionary;
  /** The server's own words in this language. */
  say(text: LocalText | string): string;
}

/** The language of this phone, for what is no screen: see `useLanguage`. */
export function localeNow(): Locale {
  return localeOf(preferences.get().locale, session.get());
}

function localeOf(chosen: Locale | null, state: SessionState): Locale {
  return chosen ?? (state.phase === 'in' && state.person.locale in dictionaries ? state.person.locale : 'zh-CN');
}

/** The language chosen on this phone, else that of the person's account, else Chinese. */
export function useLanguage(): Language {
  const chosen = useStore(preferences).locale;
  const state = useStore(session);
  const locale = localeOf(chosen, state);
  return { locale, text: dictionaries[locale], say: (text) => said(text, locale) };
}
