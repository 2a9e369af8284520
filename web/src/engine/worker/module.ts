// The Embind module: which variant to load, loading it, and the types of what wasm/bindings.cc exports.

import { type ErrorFields, fail, messageOf } from '../error';
import type { NamedTensor } from '../protocol';
import type { ByteSource } from './source';
import { watchWorkers } from './threads';
import { hasRelaxedSimd, hasSimd } from './variant';

/** An answer of the core: a value or an error. */
export type Outcome<T> = { value: T } | { error: ErrorFields };

export type ProgressCallback = (stage: string, done: number, total: number) => boolean;

interface Deletable {
  delete(): void;
}

export interface CoreRun {
  outputs: NamedTensor[];
  taps: NamedTensor[];
  ms: number;
  /** JSON: NodeTime[]. */
  profile: string;
}

export interface CoreSession extends Deletable {
  summary(): string;
  graph(): string;
  run(feeds: NamedTensor[], taps: string[], profile: boolean): Outcome<CoreRun>;
  exportOnnx(format: string): Outcome<Uint8Array>;
  compareWith(other: CoreSession, feeds: NamedTensor[], progress: ProgressCallback): Outcome<string>;
  risks(): Outcome<string>;
  startRecipe(recipe: string, progress: ProgressCallback): Outcome<CoreRecipeRun>;
}

export interface CoreRecipeRun extends Deletable {
  wantsData(): boolean;
  observe(feeds: NamedTensor[]): Outcome<undefined>;
  endSweep(): Outcome<undefined>;
  finish(): Outcome<{ model: CoreSession; report: string }>;
}

export interface CoreEvaluator extends Deletable {
  add(session: CoreSession, feeds: NamedTensor[], labels: number[]): Outcome<undefined>;
  report(): string;
  /** classes x classes, row = truth. */
  confusion(): Float64Array;
}

export interface CoreModule {
  Evaluator: new () => CoreEvaluator;
  load(source: ByteSource, external: Map<string, ByteSource>, progress: ProgressCallback): Outcome<CoreSession>;
  setThreads(count: number): void;
  capabilities(): string;
  memory(): { heapBytes: number; usedBytes: number };
}

export function chooseVariant(wanted: 'auto' | 'simd' | 'relaxed'): 'simd' | 'relaxed' {
  const update = 'Use a current version of Chrome, Edge, Firefox, Safari or Node.';
  if (!hasSimd())
    throw fail('engine_lost', 'This browser has no WebAssembly SIMD, which Halftone needs.', 'variant', update);
  if (wanted === 'auto') return hasRelaxedSimd() ? 'relaxed' : 'simd';
  if (wanted === 'relaxed' && !hasRelaxedSimd()) {
    throw fail('invalid_argument', 'Relaxed SIMD is not available here.', 'variant', "Use variant: 'auto' or 'simd'.");
  }
  return wanted;
}

/** Loads halftone-<variant>[-threads].mjs, which finds its .wasm beside itself. Errors: io. */
export async function loadModule(wasmBase: string, variant: 'simd' | 'relaxed', threads: number): Promise<CoreModule> {
  const url = new URL(`halftone-${variant}${threads > 1 ? '-threads' : ''}.mjs`, wasmBase).href;
  try {
    const { default: create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ url)) as {
      default: (options: object) => Promise<CoreModule>;
    };
    // The module takes `threads` as the number of workers to start, and one more.
    const loading = () => create({ threads, print: () => {}, printErr: () => {} });
    const core = await (threads > 1 ? watchWorkers(loading) : loading());
    core.setThreads(threads);
    return core;
  } catch (error) {
    throw fail(
      'io',
      `The engine's files could not be loaded: ${messageOf(error)}`,
      url,
      'Put halftone-*.mjs and halftone-*.wasm there, or set wasmBase.',
    );
  }
}
