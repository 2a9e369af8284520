// Text for a model that takes other things beside it: numbers that a person typed, zeros for state, random numbers for the rest.
import type { Feeds, Tensor } from '../engine/types';
import { dimsOf, type Lengths } from './lengths';
import { type Beside, lengthsFor, type ModelInputs, zeroStates } from './model_inputs';
import { canType, parseNumbers } from './numbers';
import { randomFeeds } from './random';
import { textLengths, tokenFeeds, type Written } from './tokens';

/** What a person can type beside the text. */
export const isTyped = ({ state, type }: Beside): boolean => !state && canType(type);

/** Errors: see parseNumbers. */
function typedFeeds(beside: readonly Beside[], numbers: Written['numbers'], lengths: Lengths): Feeds {
  const tensors = beside.flatMap((input): [string, Tensor][] => {
    const text = numbers?.[input.name] ?? '';
    if (text.trim() === '' || input.type === 'unknown' || !isTyped(input)) return [];
    return [[input.name, parseNumbers(text, input.type, dimsOf(input, lengths), input.name)]];
  });
  return Object.fromEntries(tensors);
}

/** `wanted`: lengths that a person set; those of the text go before them. Errors: see parseNumbers. */
export function textInputs(inputs: ModelInputs, text: Written, wanted: Lengths = new Map()): Feeds {
  const { beside, tokens } = inputs;
  const lengths = lengthsFor(inputs, new Map([...wanted, ...textLengths(tokens, text)]));
  return {
    ...randomFeeds(beside, 1, lengths),
    ...zeroStates(beside, lengths),
    ...typedFeeds(beside, text.numbers, lengths),
    ...tokenFeeds(tokens, text, lengths),
  };
}
