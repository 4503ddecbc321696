import { useSyncExternalStore } from 'react';
import { THEME_KEY } from './theme-script.ts';

export type Theme = 'light' | 'dark' | 'system';
export type Locale = 'en' | 'ko';

const LOCALE_KEY = 'maru.locale';
const listeners = new Set<() => void>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // private windows may refuse: the choice then lasts as long as the page
  }
  listeners.forEach((listener) => listener());
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

const theme = (): Theme => {
  const chosen = read(THEME_KEY);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
};

const locale = (): Locale => {
  const chosen = read(LOCALE_KEY) ?? navigator.language;
  return chosen.startsWith('ko') ? 'ko' : 'en';
};

export function setTheme(chosen: Theme): void {
  write(THEME_KEY, chosen === 'system' ? null : chosen);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset['theme'] = chosen === 'system' ? (dark ? 'dark' : 'light') : chosen;
}

export const setLocale = (chosen: Locale): void => write(LOCALE_KEY, chosen);

export const useTheme = (): Theme => useSyncExternalStore(subscribe, theme, () => 'system');
export const useLocale = (): Locale => useSyncExternalStore(subscribe, locale, () => 'en');
