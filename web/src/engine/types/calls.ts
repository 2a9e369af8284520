// The calls: what they take, what they fail with, and the two objects that offer them.
import type { Comparison, Evaluation, LabelledFeeds, RiskReport, RunResult, Sensitivity } from './measure';
import type { ModelGraph, ModelSummary } from './model';
import type { PassSpec, Recipe, RecipePreset, RecipeStep, Report } from './recipe';
import type { Feeds } from './tensor';

export type ErrorCode =
  | 'invalid_model'
  | 'unsupported_operator'
  | 'invalid_input'
  | 'invalid_recipe'
  | 'invalid_argument'
  | 'out_of_memory'
  | 'cancelled'
  | 'io'
  | 'internal'
  | 'engine_lost';

export interface Progress {
  stage: string;
  done: number;
  total: number;
}

export interface CallOptions {
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export interface CreateOptions {
  /**
   * Upper bound on threads. There is one where memory cannot be shared (a page that is not cross-origin isolated).
   * Default: what pays on this machine.
   */
  threads?: number;
  variant?: 'auto' | 'simd' | 'relaxed';
  /** Folder that holds the halftone-*.mjs and .wasm files; default: beside this module. */
  wasmBase?: string | URL;
}

export interface LoadOptions extends CallOptions {
  /** Files that hold external tensor data, by the `location` that the model names. */
  externalData?: Record<string, Blob | Uint8Array>;
}

export interface ApplyOptions extends CallOptions {
  /** Iterated once per sweep; give something that can be iterated again (an array, or an object with its own iterator). */
  calibration?: Iterable<Feeds> | AsyncIterable<Feeds>;
}

export interface RunOptions {
  profile?: boolean;
  taps?: string[];
  signal?: AbortSignal;
}

export interface SensitivityOptions extends ApplyOptions {
  /** Steps before it, as in a recipe; default: none. */
  before?: Recipe;
  /** The quantize_static whose layers are tried; default: its defaults. */
  quantize?: RecipeStep;
  /** How many of the calibration inputs the trials run on; default 8. */
  feeds?: number;
  /** Right classes of the first calibration inputs. */
  labels?: readonly number[];
}

export interface ExportOptions {
  format?: 'qdq' | 'qoperator';
}

export interface Capabilities {
  variant: 'simd' | 'relaxed';
  threads: number;
  dot: 'usdot' | 'sdot' | 'i7' | 'none';
  ops: { name: string; domain: string; since: number; int8: boolean; quant: string }[];
  passes: PassSpec[];
  /** Recipes to begin with. */
  presets?: RecipePreset[];
  /** What export() writes; default: QDQ alone. */
  formats?: ('qdq' | 'qoperator')[];
}

/** A loaded or compressed model. Holds memory in the engine until dispose(). */
export interface HalftoneModel {
  readonly summary: ModelSummary;
  /** Only on models that apply() made. */
  readonly report: Report | null;
  graph(): Promise<ModelGraph>;
  /** What will make a float model hard to quantize, by its weights and graph alone. */
  risks(): Promise<RiskReport>;
  /** Quantizes one layer at a time and measures the outputs. */
  sensitivity(options: SensitivityOptions): Promise<Sensitivity>;
  apply(recipe: Recipe, options?: ApplyOptions): Promise<HalftoneModel>;
  run(feeds: Feeds, options?: RunOptions): Promise<RunResult>;
  export(options?: ExportOptions): Promise<Uint8Array>;
  /**
   * Bytes that it takes while it runs on such inputs: its weights as the kernels want them, and all buffers. Measured on a
   * copy, by itself, which is gone afterwards. Errors: as run's; out_of_memory.
   */
  memory(feeds: Feeds, options?: { signal?: AbortSignal }): Promise<{ bytes: number }>;
  dispose(): void;
}

export interface Engine {
  readonly capabilities: Capabilities;
  load(source: Blob | Uint8Array, options?: LoadOptions): Promise<HalftoneModel>;
  compare(reference: HalftoneModel, other: HalftoneModel, feeds: Feeds, options?: CallOptions): Promise<Comparison>;
  evaluate(
    model: HalftoneModel,
    dataset: Iterable<LabelledFeeds> | AsyncIterable<LabelledFeeds>,
    options?: CallOptions,
  ): Promise<Evaluation>;
  /** Bytes of wasm memory held now. */
  memory(): Promise<{ heapBytes: number; usedBytes: number }>;
  dispose(): void;
}
