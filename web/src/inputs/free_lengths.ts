// Which lengths a model leaves open, what they are lengths of, and how long they are likely meant to be. Masks and the like
// follow the tokens that they go with and are not asked for. Pure.
import type { InputUse, ModelSummary, ValueSummary } from '../engine/types';
import { USUAL_SIZE } from './guess';
import { type Lengths, lengthKey } from './lengths';
import { type TokenInput, written } from './tokens';

/** Where places with the same symbol disagree, the earlier one knows better. */
const ROLES = ['height', 'width', 'samples', 'tokens', 'batch', 'other', 'past'] as const;
export type LengthRole = (typeof ROLES)[number];

const GUESSES: Record<LengthRole, number> = {
  height: USUAL_SIZE,
  width: USUAL_SIZE,
  /** 32 ms at 16 kHz: a usual frame of speech. */
  samples: 512,
  tokens: 16,
  batch: 1,
  other: 16,
  /** Nothing has been seen before the first run. */
  past: 0,
};

export interface FreeLength {
  /** See lengthKey. */
  key: string;
  role: LengthRole;
  guess: number;
}

/** Of a picture's axes, batch and channels apart. */
function pictureRole({ layout }: Extract<InputUse, { kind: 'image' }>, axis: number): LengthRole {
  return axis === (layout === 'nchw' ? 2 : 1) ? 'height' : 'width';
}

function roleOf({ type, shape }: ValueSummary, use: InputUse | undefined, axis: number): LengthRole {
  const symbol = String(shape?.[axis] ?? '');
  const rank = shape?.length ?? 0;
  if (/batch/i.test(symbol) || type === 'string') return 'batch';
  if (use?.kind === 'state') return (rank > 3 && axis > 0) || /past|cache|seq|len/i.test(symbol) ? 'past' : 'batch';
  if (axis === 0 && rank > 1 && !/seq|len|time/i.test(symbol)) return 'batch';
  if (use?.kind === 'image') return pictureRole(use, axis);
  if (use?.kind === 'audio') return 'samples';
  return use?.kind === 'tokens' && axis === rank - 1 ? 'tokens' : 'other';
}

/** The last axis of masks, segments and positions. */
const follows = (tokens: readonly TokenInput[], name: string, axis: number): boolean =>
  tokens.some((input) => input.name === name && !written(input) && axis === (input.shape?.length ?? 0) - 1);

/** Each once, in the order of the inputs. `tokens`: the inputs that are made out of text, if any. */
export function freeLengths({ inputs, io }: ModelSummary, tokens: readonly TokenInput[] = []): FreeLength[] {
  const found = new Map<string, LengthRole>();
  for (const input of inputs) {
    const use = io?.inputs.find(({ name }) => name === input.name);
    for (const axis of (input.shape ?? []).keys()) {
      const key = lengthKey(input, axis);
      if (key === null || follows(tokens, input.name, axis)) continue;
      const role = roleOf(input, use, axis);
      const known = found.get(key);
      if (!known || ROLES.indexOf(role) < ROLES.indexOf(known)) found.set(key, role);
    }
  }
  return Array.from(found, ([key, role]) => ({ key, role, guess: GUESSES[role] }));
}

/** All lengths: as wanted, else as guessed; what follows the tokens is as long as they are, masks by the past longer. */
export function resolveLengths(
  free: readonly FreeLength[],
  wanted: Lengths = new Map(),
  tokens: readonly TokenInput[] = [],
): Lengths {
  const lengths = new Map(free.map(({ key, guess }) => [key, wanted.get(key) ?? guess]));
  const of = (input: TokenInput) => input.length ?? lengths.get(lengthKey(input, -1) ?? '') ?? 1;
  const ids = tokens.find(({ role }) => role === 'ids');
  const past = free.find(({ role }) => role === 'past');
  for (const input of tokens) {
    const key = lengthKey(input, -1);
    if (key === null || !ids || written(input) || lengths.has(key)) continue;
    const before = input.role === 'mask' && past ? (lengths.get(past.key) ?? 0) : 0;
    lengths.set(key, of(ids) + before);
  }
  return lengths;
}
