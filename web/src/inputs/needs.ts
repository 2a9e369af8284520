// What a step needs before it can work, by what the engine says of its pass and how its parameters are set. Pure.
import type { ParamChoice, PassSpec } from '../engine/types';

type Params = Readonly<Record<string, unknown>>;

/** Whether calibration data is looked at. */
export function needsData({ needs, params: specs }: PassSpec, params: Params): boolean {
  const has = ({ param, choice }: ParamChoice) =>
    (params[param] ?? specs.find(({ name }) => name === param)?.default) === choice;
  const { calibration, unless, only } = needs;
  return calibration && !(unless && has(unless)) && (!only || has(only));
}
