// Which language the page speaks: the person's choice on this machine, else the browser's first that we have.
import { effect, signal } from '@preact/signals';

export type Lang = 'en' | 'zh';

export const LANGUAGES: readonly { id: Lang; tag: string; name: string }[] = [
  { id: 'en', tag: 'en', name: 'English' },
  { id: 'zh', tag: 'zh-Hans', name: '简体中文' },
];

const KEY = 'halftone.lang';
const isLang = (text: unknown): text is Lang => LANGUAGES.some(({ id }) => id === text);

/** The first of the wished languages ("zh-CN", "en-GB", ...) that there is; English otherwise. */
export function chooseLang(saved: string | null, wished: readonly string[]): Lang {
  if (isLang(saved)) return saved;
  return wished.map((tag) => tag.toLowerCase().split('-')[0]).find(isLang) ?? 'en';
}

const inPage = typeof document !== 'undefined';
const saved = () => {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is switched off
  }
};

export const lang = signal<Lang>(inPage ? chooseLang(saved(), navigator.languages) : 'en');

export function setLang(next: Lang): void {
  lang.value = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

/** A BCP 47 tag for Intl and for <html lang>. */
export const langTag = (): string => LANGUAGES.find(({ id }) => id === lang.value)?.tag ?? 'en';

if (inPage)
  effect(() => {
    document.documentElement.lang = langTag();
  });
