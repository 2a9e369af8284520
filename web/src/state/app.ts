// All state of the page, as signals, and nothing that draws. Views read the signals; actions.ts changes them.

import { computed, signal } from '@preact/signals';
import type { Comparison, Engine, HalftoneModel, ParamSpec, PassSpec, Recipe, RunResult } from '../engine/types';
import type { Guess } from '../inputs/guess';
import type { ImageSpec } from '../inputs/preprocess';
import type { Labels } from '../results/labels';
import type { AppError } from './error';

export interface OpenModel {
  fileName: string;
  model: HalftoneModel;
  guess: Guess;
}

export interface Task {
  stage: string;
  done: number;
  total: number;
  controller: AbortController;
}

export type Calibration = 'images' | 'random';

export type TestInput = { kind: 'image'; file: File; url: string } | { kind: 'random'; seed: number };

export interface Side {
  bytes: number;
  result: RunResult;
  /** Milliseconds of each timed run. */
  times: number[];
}

export interface Results {
  original: Side;
  compressed: Side;
  comparison: Comparison;
}

export const engine = signal<Engine | null>(null);
export const opened = signal<OpenModel | null>(null);
export const compressed = signal<HalftoneModel | null>(null);
export const results = signal<Results | null>(null);
export const task = signal<Task | null>(null);
export const error = signal<AppError | null>(null);
export const dragging = signal(false);

export const recipe = signal<Recipe>([]);
export const imageSpec = signal<ImageSpec | null>(null);
export const labels = signal<Labels | null>(null);
export const calibration = signal<Calibration>('random');
export const calibrationFiles = signal<readonly File[]>([]);
export const randomCount = signal(10);
export const testInput = signal<TestInput>({ kind: 'random', seed: 1 });

export const busy = computed(() => task.value !== null);
export const passes = computed<readonly PassSpec[]>(() => engine.value?.capabilities.passes ?? []);
export const needsCalibration = computed(() =>
  recipe.value.some((step) => {
    const needs = passes.value.find((p) => p.name === step.pass)?.needs;
    return needs?.calibration && !(needs.unless && step[needs.unless.param] === needs.unless.choice);
  }),
);
/** Pictures were asked for and are there; else random numbers stand in. */
export const usesPictures = computed(
  () => imageSpec.value !== null && calibration.value === 'images' && calibrationFiles.value.length > 0,
);
export const canRun = computed(() => opened.value !== null && opened.value.model.summary.unsupported.length === 0);

export function findPass(name: string): PassSpec | undefined {
  return passes.value.find((p) => p.name === name);
}

/** The value a step has for a parameter: set by the person, else the pass's default. */
export function paramValue(step: Recipe[number], spec: ParamSpec): unknown {
  return spec.name in step ? step[spec.name] : spec.default;
}
