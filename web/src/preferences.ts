import type { Locale } from './shapes';
import { createStore } from './store';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  /** null: as the person's account says, else Chinese. */
  readonly locale: Locale | null;
  readonly theme: Theme;
}

const KEY = 'facility-monitor.preferences';
const INITIAL: Preferences = { locale: null, theme: 'system' };

export const preferences = createStore<Preferences>(INITIAL);

export function loadPreferences(): void {
  preferences.set(parse(kept()));
  preferences.subscribe(() => {
    keep(JSON.stringify(preferences.get()));
    applyTheme();
  });
  applyTheme();
}

export function choose(change: Partial<Preferences>): void {
  preferences.set({ ...preferences.get(), ...change });
}

function applyTheme(): void {
  const { theme } = preferences.get();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function parse(stored: string | null): Preferences {
  if (stored === null) return INITIAL;
  try {
    const { locale, theme } = JSON.parse(stored) as Record<string, unknown>;
    return {
      locale: locale === 'zh-CN' || locale === 'en' ? locale : null,
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    };
  } catch {
    return INITIAL; // written by another version of the app, or by hand
  }
}

// A browser that refuses storage (private windows, policies) still runs the app; it only forgets.
function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function keep(value: string): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    return;
  }
}
