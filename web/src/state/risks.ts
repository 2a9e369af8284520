// The risk report of the open model: made when it opens, from its weights and graph alone.
import { signal } from '@preact/signals';
import type { HalftoneModel, Risk } from '../engine/types';
import { answerAction } from '../results/risks';
import { editRecipe, findPass, opened, steps } from './app';
import { type AppError, toAppError } from './error';
import { exceptionSpec } from './overrides';
import type { RecipeAction } from './recipe';

/** Worst first; null: none was made (a quantized model, or one that is still being looked at). */
export const risks = signal<readonly Risk[] | null>(null);
/** Why there is no report. */
export const riskError = signal<AppError | null>(null);

/** Behind the opening, so that nobody waits for it. */
export async function findRisks(model: HalftoneModel): Promise<void> {
  if (model.summary.quantized) return;
  const isOpen = () => opened.value?.model === model;
  try {
    const { findings } = await model.risks();
    if (isOpen()) risks.value = findings;
  } catch (error) {
    if (isOpen()) riskError.value = toAppError(error);
  }
}

export function dropRisks(): void {
  risks.value = null;
  riskError.value = null;
}

/** The edit that answers a finding; null: nothing has to, or the recipe has it already. */
export function answerTo({ step }: Risk): RecipeAction | null {
  const specs = step ? findPass(step.pass)?.params : undefined;
  return step && specs ? answerAction(steps.value, step, specs, (pass) => exceptionSpec(pass) !== undefined) : null;
}

export function takeUp(risk: Risk): void {
  const action = answerTo(risk);
  if (action) editRecipe(action);
}

/** Findings that name a node. */
export const risksOf = (name: string): readonly Risk[] =>
  (risks.value ?? []).filter(({ nodes }) => nodes.includes(name));
