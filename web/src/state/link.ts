// Links: recipe, sample and view after the # of the address. Never the model, never data.
import { effect } from '@preact/signals';
import type { Recipe } from '../engine/types';
import { t } from '../i18n';
import { editRecipe, opened, recipe } from './app';
import { PageError } from './error';
import { parseRecipe } from './recipe';
import { samples, startSample } from './samples';
import { showError } from './task';
import { isView, type View, view } from './ui';

export interface LinkParts {
  sample: string | null;
  recipe: Recipe | null;
  view: View | null;
}

export function writeLink({ sample, recipe: steps, view: shown }: LinkParts): string {
  const parts = new URLSearchParams();
  if (sample) parts.set('sample', sample);
  if (steps) parts.set('recipe', JSON.stringify(steps));
  if (shown) parts.set('view', shown);
  return `#${parts}`;
}

/** Throws where the recipe cannot be read. */
export function readLink(hash: string): LinkParts {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const text = parts.get('recipe');
  const shown = parts.get('view');
  return { sample: parts.get('sample'), recipe: text ? parseRecipe(text) : null, view: isView(shown) ? shown : null };
}

export const currentLink = (): string =>
  new URL(
    writeLink({ sample: opened.value?.sample?.id ?? null, recipe: recipe.value, view: view.value }),
    location.href,
  ).href;

/** A recipe that waits for a model which the person has to open. */
let waiting: LinkParts | null = null;

function settle({ recipe: steps, view: shown }: LinkParts): void {
  if (steps) editRecipe({ type: 'replace', recipe: steps });
  if (shown) view.value = shown;
}

/** Does what the page's address asks for. */
export async function followLink(): Promise<void> {
  if (location.hash.length < 2) return;
  try {
    const parts = readLink(location.hash);
    const sample = samples.value.find(({ id }) => id === parts.sample);
    if (sample) {
      await startSample(sample);
      settle(parts);
    } else waiting = parts;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    showError(new PageError(t.app.errors.badLink, why, t.app.errors.badLinkHint));
  }
}

effect(() => {
  if (!opened.value || !waiting) return;
  const parts = waiting;
  waiting = null;
  // After the opening has chosen its own recipe.
  queueMicrotask(() => settle(parts));
});
