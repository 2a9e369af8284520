// Text as the test input and as calibration data of models that take tokens.
import { computed, signal } from '@preact/signals';
import type { Feeds } from '../engine/types';
import { t } from '../i18n';
import {
  idsOf,
  type Reading,
  type TokenInput,
  tokenFeeds,
  tokenInputs,
  type Written,
  written,
  wrongId,
} from '../inputs/tokens';
import { opened } from './app';
import { PageError } from './error';

/** How each input of the open model is made out of text; null: it takes none. */
export const tokens = computed<readonly TokenInput[] | null>(() => {
  const open = opened.value;
  return open ? tokenInputs(open.model.summary, open.graph) : null;
});

export const tokenReading = signal<Reading>('ids');
export const tokenPadding = signal(0);
/** One example a line. */
export const calibrationText = signal('');

/** Examples that are there; a model that wants two texts cannot be given them by lines. */
export const calibrationLines = computed<readonly string[]>(() =>
  (tokens.value ?? []).filter(written).length === 1
    ? calibrationText.value.split(/\r?\n/).filter((line) => line.trim() !== '')
    : [],
);

/** Errors: where = the input's name. */
export function textFeeds(from: Written): Feeds {
  const inputs = tokens.value ?? [];
  for (const { name, role, vocabulary } of inputs) {
    if (role !== 'ids') continue;
    const ids = idsOf(from.texts[name] ?? '', from.reading);
    if (ids.length === 0) throw new PageError(t.app.errors.noTokens, name, t.app.errors.badTokensHint);
    const wrong = wrongId(ids, vocabulary);
    if (wrong !== undefined)
      throw new PageError(t.app.errors.badToken(String(wrong), vocabulary), name, t.app.errors.badTokensHint);
  }
  return tokenFeeds(inputs, from);
}

/** The text of one line for the input that is written. */
export function lineFeeds(line: string): Feeds {
  const [input] = (tokens.value ?? []).filter(written);
  return textFeeds({ texts: { [input?.name ?? '']: line }, reading: tokenReading.value, padding: tokenPadding.value });
}

export function dropTokens(): void {
  tokenReading.value = 'ids';
  tokenPadding.value = 0;
  calibrationText.value = '';
}
