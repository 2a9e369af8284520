// All inputs of a model together: which are made out of text, what comes beside it, which lengths are free. Pure.
import type { Feeds, ModelGraph, ModelSummary, ValueSummary } from '../engine/types';
import { zeros } from './arrays';
import { type FreeLength, freeLengths, resolveLengths } from './free_lengths';
import { dimsOf, type Lengths } from './lengths';
import { canRandomize, randomFeeds } from './random';
import { randomTokens, type TokenInput, tokenInputs } from './tokens';

/** An input that no text says. */
export interface Beside extends ValueSummary {
  /** Carried from one run to the next: zeros at first, and the past empty. */
  state: boolean;
}

export interface ModelInputs {
  all: readonly ValueSummary[];
  /** Made out of text; none: the model takes no text, or has an input that nothing can fill. */
  tokens: readonly TokenInput[];
  beside: readonly Beside[];
  free: readonly FreeLength[];
}

export const NO_INPUTS: ModelInputs = { all: [], tokens: [], beside: [], free: [] };

export function modelInputs(summary: ModelSummary, graph: ModelGraph): ModelInputs {
  const found = tokenInputs(summary, graph) ?? [];
  const isState = (name: string) =>
    summary.io?.inputs.some((use) => use.name === name && use.kind === 'state') ?? false;
  const others = summary.inputs.filter(({ name }) => !found.some((input) => input.name === name));
  const beside = others.map((input) => ({ ...input, state: isState(input.name) }));
  const fillable = beside.every((input) => (input.state ? canZero(input) : canRandomize([input])));
  const tokens = fillable ? found : [];
  return { all: summary.inputs, tokens, beside: fillable ? beside : [], free: freeLengths(summary, tokens) };
}

const canZero = ({ type }: ValueSummary): boolean => type !== 'unknown' && zeros(type, [0]) !== null;

export const lengthsFor = ({ free, tokens }: ModelInputs, wanted?: Lengths): Lengths =>
  resolveLengths(free, wanted, tokens);

/** State as it is before the first run. */
export const zeroStates = (beside: readonly Beside[], lengths: Lengths): Feeds =>
  Object.fromEntries(
    beside.flatMap((input) => {
      const tensor = input.state && input.type !== 'unknown' ? zeros(input.type, dimsOf(input, lengths)) : null;
      return tensor ? [[input.name, tensor] as const] : [];
    }),
  );

/** Of token models random tokens. State is random too, where it can be: at zero many paths say nothing. */
export function randomInputs({ all, tokens, beside }: ModelInputs, seed: number, lengths: Lengths): Feeds {
  if (tokens.length === 0) return randomFeeds(all, seed, lengths);
  return {
    ...zeroStates(beside, lengths),
    ...randomFeeds(beside, seed, lengths),
    ...randomTokens(tokens, seed, lengths),
  };
}

export const canRandomizeAll = ({ all, tokens }: ModelInputs): boolean => tokens.length > 0 || canRandomize(all);
