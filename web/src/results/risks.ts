// What a finding of the risk report says beside its words, and how a recipe takes up what answers it. Pure.
import type { ParamSpec, RecipeStep, Risk } from '../engine/types';
import type { RecipeAction, Steps } from '../state/recipe';

export interface RiskFacts {
  count: number;
  /** How many times larger the largest is; null: the finding compares nothing. */
  times: string | null;
  /** "Softmax (2), Erf (1)": operators with how many there are; empty: the finding names none. */
  operators: string;
}

export function riskFacts({ id, count, message }: Pick<Risk, 'id' | 'count' | 'message'>): RiskFacts {
  const operators = id === 'float_operators' ? message.slice(message.indexOf(': ') + 2) : '';
  return { count, times: /up to (\d+) times/.exec(message)?.[1] ?? null, operators };
}

type Entry = { where: string } & Record<string, unknown>;
const isEntries = (value: unknown): value is Entry[] =>
  Array.isArray(value) && value.every((entry) => typeof entry?.where === 'string');

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Exceptions with those of `wanted` in them; what they say of other fields stays. */
function joined(known: readonly Entry[], wanted: readonly Entry[]): Entry[] {
  const changed = known.map((entry) => ({ ...entry, ...wanted.find(({ where }) => where === entry.where) }));
  return [...changed, ...wanted.filter(({ where }) => !known.some((entry) => entry.where === where))];
}

/** The parameters of a step after it has taken up those of `answer`. */
function taken(params: Readonly<Record<string, unknown>>, answer: Record<string, unknown>): Record<string, unknown> {
  const merged = Object.entries(answer).map(([name, value]) => {
    const known = params[name];
    return [name, isEntries(value) && isEntries(known) ? joined(known, value) : value];
  });
  return Object.fromEntries(merged);
}

/**
 * The edit that puts `answer` into a recipe; null: it is there already. A recipe quantizes once, so a quantizing step that is
 * there takes the parameters; any other step goes before the quantizing one, in front of one of its own kind.
 */
export function answerAction(
  steps: Steps,
  { pass, ...params }: RecipeStep,
  specs: readonly ParamSpec[],
  isQuantizing: (pass: string) => boolean,
): RecipeAction | null {
  const paramOf = (step: Steps[number], name: string) =>
    name in step.params ? step.params[name] : specs.find((spec) => spec.name === name)?.default;
  const mine = steps.filter((step) => step.on && step.pass === pass);
  const holds = (step: Steps[number]) => {
    const now = Object.fromEntries(Object.keys(params).map((name) => [name, paramOf(step, name)]));
    return same(taken(now, params), now);
  };
  if (mine.some(holds)) return null;
  const [first] = mine;
  if (first && isQuantizing(pass)) return { type: 'set', id: first.id, params: taken(first.params, params) };
  const place = steps.findIndex((step) => step.on && (step.pass === pass || isQuantizing(step.pass)));
  return { type: 'add', pass, params, ...(place >= 0 && !isQuantizing(pass) && { at: place }) };
}
