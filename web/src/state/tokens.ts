// Text as the test input and as calibration data of models that take tokens.
import { computed, signal } from '@preact/signals';
import type { Feeds } from '../engine/types';
import { t } from '../i18n';
import { textInputs } from '../inputs/beside_text';
import { idsOf, type Reading, type Written, written, wrongId } from '../inputs/tokens';
import { PageError } from './error';
import { inputsOfModel, wantedLengths } from './model_inputs';

export const tokenReading = signal<Reading>('ids');
export const tokenPadding = signal(0);
/** One example a line. */
export const calibrationText = signal('');

/** The inputs that a person writes. */
export const writtenInputs = computed(() => inputsOfModel.value.tokens.filter(written));

/** Examples that are there; a model that wants two texts cannot be given them by lines. */
export const calibrationLines = computed<readonly string[]>(() =>
  writtenInputs.value.length === 1 ? calibrationText.value.split(/\r?\n/).filter((line) => line.trim() !== '') : [],
);

/** Errors: where = the input's name. */
export function textFeeds(from: Written): Feeds {
  for (const { name, role, vocabulary } of writtenInputs.value) {
    if (role !== 'ids') continue;
    const ids = idsOf(from.texts[name] ?? '', from.reading);
    if (ids.length === 0) throw new PageError(t.app.errors.noTokens, name, t.app.errors.badTokensHint);
    const wrong = wrongId(ids, vocabulary);
    if (wrong !== undefined)
      throw new PageError(t.app.errors.badToken(String(wrong), vocabulary), name, t.app.errors.badTokensHint);
  }
  return textInputs(inputsOfModel.value, from, wantedLengths.value);
}

/** The text of one line for the input that is written. */
export function lineFeeds(line: string): Feeds {
  const [input] = writtenInputs.value;
  return textFeeds({ texts: { [input?.name ?? '']: line }, reading: tokenReading.value, padding: tokenPadding.value });
}

export function dropTokens(): void {
  tokenReading.value = 'ids';
  tokenPadding.value = 0;
  calibrationText.value = '';
}
