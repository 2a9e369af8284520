// Recipes: steps, the passes and parameters to make them of, and the report of what each step did.
import type { TensorType } from './tensor';

export type RecipeStep = { pass: string } & Record<string, unknown>;
export type Recipe = RecipeStep[];

export interface ParamSpec {
  name: string;
  kind: 'bool' | 'int' | 'float' | 'choice' | 'string' | 'stringList' | 'objectList';
  label: string;
  help: string;
  /** Absent in the fields of objects: what is not given is not there. */
  default?: unknown;
  low?: number;
  high?: number;
  choices?: string[];
  /** places: nodes and tensors. */
  listOf?: 'operators' | 'nodes' | 'places';
  /** Of the objects of an objectList. */
  fields?: ParamSpec[];
  required?: boolean;
}

/** A choice of a parameter. */
export interface ParamChoice {
  param: string;
  choice: string;
}

/** Calibration data: not where a parameter has the choice that `unless` names, and with the choice of `only` alone. */
export interface PassNeeds {
  calibration: boolean;
  unless?: ParamChoice;
  only?: ParamChoice;
}

export interface PassSpec {
  name: string;
  summary: string;
  needs: PassNeeds;
  params: ParamSpec[];
}

export interface RecipePreset {
  name: string;
  label: string;
  summary: string;
  recipe: Recipe;
}

export interface Warning {
  message: string;
  where: string;
  hint: string;
}

/** A quantized tensor between nodes, as `tensors` of quantize_static's report lists it. Observed facts where it was seen. */
export interface TensorFacts {
  name: string;
  /** Tensors with the same number share their parameters. */
  group: number;
  type: TensorType;
  levels: number;
  /** What was chosen to be covered. */
  low: number;
  high: number;
  scale: number;
  zeroPoint: number;
  observedLow?: number;
  observedHigh?: number;
  /** Shares of all values. */
  zeros?: number;
  clipped?: number;
  /** Predicted from the histogram, in dB; null: nothing is lost. */
  sqnr?: number | null;
  /** Counts over [low, high], zeros left out. */
  histogram?: { low: number; high: number; counts: number[] };
  /** The same values on the integers, in the same bins. */
  histogramAfter?: { low: number; high: number; counts: number[] };
}

/** A quantized weight, as `weights` of the report lists it. Lists are by output channel. */
export interface WeightFacts {
  name: string;
  node: string;
  type: TensorType;
  levels: number;
  blockSize: number;
  elements: number;
  axis: number;
  scales: number;
  scaleLow: number;
  scaleHigh: number;
  sqnr: number | null;
  dead: number[];
  channels?: { low: number[]; high: number[]; sqnr: (number | null)[] };
}

/** What one pass did. Passes add facts of their own beside these. */
export interface StepReport {
  pass: string;
  params: Record<string, unknown>;
  bytesBefore: number;
  bytesAfter: number;
  warnings: Warning[];
  [fact: string]: unknown;
}

export interface Report {
  recipe: Recipe;
  steps: StepReport[];
}
