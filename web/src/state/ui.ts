// How the page shows itself: which view, colours, type size. Kept on this machine; the view also goes into links.
import { effect, signal } from '@preact/signals';

export const VIEWS = ['model', 'compare', 'judge', 'take'] as const;
/** On a narrow screen the recipe is a view of its own. */
export type View = (typeof VIEWS)[number] | 'recipe';
export type Theme = 'auto' | 'light' | 'dark';

const read = (key: string) => {
  try {
    return localStorage.getItem(`halftone.${key}`);
  } catch {
    return null; // storage is switched off
  }
};
const write = (key: string, value: string) => {
  try {
    localStorage.setItem(`halftone.${key}`, value);
  } catch {
    // Then the choice lasts as long as the page.
  }
};

const isTheme = (text: string | null): text is Theme => text === 'auto' || text === 'light' || text === 'dark';
const savedTheme = read('theme');

export const view = signal<View>('model');
export const theme = signal<Theme>(isTheme(savedTheme) ? savedTheme : 'auto');
export const presenting = signal(read('present') === 'yes');
/** Where the recipe stands beside the view, and does not take its place. */
const wide = matchMedia('(min-width: 901px)');
export const isWide = signal(wide.matches);
wide.addEventListener('change', () => {
  isWide.value = wide.matches;
});

export const isView = (text: unknown): text is View => text === 'recipe' || VIEWS.some((name) => name === text);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  write('theme', theme.value);
});
effect(() => {
  document.documentElement.classList.toggle('present', presenting.value);
  write('present', presenting.value ? 'yes' : 'no');
});
effect(() => {
  if (isWide.value && view.value === 'recipe') view.value = 'model';
});
