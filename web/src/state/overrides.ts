// Layers set by hand. A step that takes exceptions (a parameter of objects with a `where`) holds them by the name of a node or
// tensor; setting one here is an edit of that step, so that it is undone, sent in links and exported like any other.
import { computed } from '@preact/signals';
import type { ParamSpec } from '../engine/types';
import { editRecipe, findPass, steps } from './app';
import type { Step } from './recipe';

export type Exception = { where: string } & Record<string, unknown>;

const WHERE = 'where';

export function exceptionSpec(pass: string): ParamSpec | undefined {
  return findPass(pass)?.params.find(
    ({ kind, fields }) => kind === 'objectList' && fields?.some(({ name }) => name === WHERE),
  );
}

/** The step whose exceptions are set: the last that is on and takes some. */
export const exceptionStep = computed<{ step: Step; spec: ParamSpec } | null>(() => {
  const step = steps.value.findLast(({ on, pass }) => on && exceptionSpec(pass));
  const spec = step && exceptionSpec(step.pass);
  return step && spec ? { step, spec } : null;
});

export const exceptionsOf = (step: Step, spec: ParamSpec): Exception[] =>
  Array.isArray(step.params[spec.name]) ? (step.params[spec.name] as Exception[]) : [];

export function exceptionAt(where: string): Exception | undefined {
  const now = exceptionStep.value;
  return now ? exceptionsOf(now.step, now.spec).find((e) => e.where === where) : undefined;
}

/** Changes fields of the exception for `where`; undefined takes a field away, and without fields the exception goes. */
export function withException(
  list: readonly Exception[],
  where: string,
  change: Readonly<Record<string, unknown>>,
): Exception[] {
  const known = list.find((e) => e.where === where);
  const fields = Object.entries({ ...known, ...change }).filter(([key, value]) => key !== WHERE && value !== undefined);
  const made = fields.length > 0 ? [{ where, ...Object.fromEntries(fields) } as Exception] : [];
  return known ? list.flatMap((e) => (e === known ? made : [e])) : [...list, ...made];
}

export function setException(where: string, change: Readonly<Record<string, unknown>>): void {
  const now = exceptionStep.value;
  if (!now) return;
  const list = withException(exceptionsOf(now.step, now.spec), where, change);
  editRecipe({ type: 'set', id: now.step.id, params: { [now.spec.name]: list } });
}
