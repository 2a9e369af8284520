// The engine library's public types (dist/lib/halftone.d.ts). Tensors carry the type names of
// onnxruntime-web. The engine knows no screen: nothing here mentions the page.

export type TensorType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string'
  | 'int4'
  | 'uint4'
  | 'int2'
  | 'uint2'
  | 'float8e4m3fn'
  | 'float8e4m3fnuz'
  | 'float8e5m2'
  | 'float8e5m2fnuz'
  | 'float8e8m0'
  | 'float4e2m1'
  | 'complex64'
  | 'complex128';

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[];

/** `data` holds packed elements in row-major order; float16/bfloat16 as Uint16Array bit patterns, bool and sub-byte types as Uint8Array. */
export interface Tensor {
  type: TensorType;
  dims: readonly number[];
  data: TensorData;
}

export type Feeds = Record<string, Tensor>;

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

/** A dimension: a size, a symbol such as "batch", or null when nothing is known. */
export type Dim = number | string | null;

export interface ValueSummary {
  name: string;
  type: TensorType | 'unknown';
  /** null: unknown rank. */
  shape: Dim[] | null;
}

/** How pictures were turned into numbers in training: a guess, best first, confidence from 0 to 1. */
export interface NormalizationGuess {
  id: 'raw' | 'unit' | 'signed' | 'imagenet' | 'caffe' | 'cifar' | 'ultralight';
  confidence: number;
  reason:
    | 'bytes'
    | 'quantizedRange'
    | 'firstLayer'
    | 'producer'
    | 'caffe2'
    | 'imagenet'
    | 'cifar'
    | 'digits'
    | 'detector'
    | 'unknown';
}

/** What an input wants, as far as the graph says so. A size is null where it is free. */
export type InputUse = { name: string; reason: string } & (
  | {
      kind: 'image';
      layout: 'nchw' | 'nhwc';
      channels: 1 | 3 | 4;
      width: number | null;
      height: number | null;
      batch: number | null;
      normalizations: NormalizationGuess[];
    }
  | { kind: 'tokens' | 'audio'; length: number | null }
  /** width and height: the square that so many numbers may be. */
  | { kind: 'vector'; length: number | null; width?: number; height?: number }
  /** Carried from one run to the next; zeros to begin with. */
  | { kind: 'state' | 'unknown' }
);

export type ScoreKind = 'softmax' | 'sigmoid' | 'logSoftmax' | 'logits';

/** What an output is, as far as the graph says so. */
export type OutputUse = { name: string; reason: string } & (
  | { kind: 'classes'; classes: number; scores: ScoreKind }
  | { kind: 'box_scores'; scores: ScoreKind }
  | { kind: 'boxes' | 'image' | 'sequence' | 'embedding' | 'state' | 'unknown' }
);

export interface ModelIo {
  inputs: InputUse[];
  outputs: OutputUse[];
}

export interface ModelSummary {
  inputs: ValueSummary[];
  outputs: ValueSummary[];
  nodes: number;
  parameters: number;
  macs: number;
  bytes: number;
  opset: number;
  irVersion: number;
  producer: string;
  quantized: boolean;
  operators: { op: string; domain: string; count: number; supported: boolean }[];
  /** Operators that cannot run here, with the nodes that use them. */
  unsupported: { op: string; domain: string; nodes: string[] }[];
  /** What it wants and gives: guesses with their reasons. */
  io?: ModelIo;
}

export interface GraphNode {
  id: number;
  name: string;
  op: string;
  domain: string;
  inputs: (string | null)[];
  outputs: (string | null)[];
  attributes: Record<string, unknown>;
  macs: number;
}

/** What a value's integers mean: scale * (q - zero point), one pair or one for each index along `axis` (or block of it). */
export interface ValueQuant {
  /** The first 64 of `count`. */
  scales: number[];
  zeroPoints: number[];
  count: number;
  axis?: number;
  blockSize?: number;
}

export interface ModelGraph {
  nodes: GraphNode[];
  values: (ValueSummary & { constant: boolean; bytes: number; quant?: ValueQuant })[];
}

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

export interface PassSpec {
  name: string;
  summary: string;
  /** Calibration data is not needed where a parameter has the choice that `unless` names. */
  needs: { calibration: boolean; unless?: { param: string; choice: string } };
  params: ParamSpec[];
}

export interface RecipePreset {
  name: string;
  label: string;
  summary: string;
  recipe: Recipe;
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

export interface ApplyOptions extends CallOptions {
  /** Iterated once per sweep; give something that can be iterated again (an array, or an object with its own iterator). */
  calibration?: Iterable<Feeds> | AsyncIterable<Feeds>;
}

export interface RunOptions {
  profile?: boolean;
  taps?: string[];
  signal?: AbortSignal;
}

export interface NodeTime {
  node: string;
  op: string;
  integer: boolean;
  ms: number;
}

export interface RunResult {
  outputs: Record<string, Tensor>;
  taps: Record<string, Tensor>;
  /** Time inside the engine, without transfer. */
  ms: number;
  profile: NodeTime[];
}

/** Something about a float model that quantization will meet, found without running it. */
export interface Risk {
  id:
    | 'wide_channels'
    | 'outlier_weights'
    | 'batch_norm'
    | 'depthwise'
    | 'ends'
    | 'layer_norm'
    | 'open_tail'
    | 'islands'
    | 'float_operators';
  severity: 'high' | 'medium' | 'low';
  message: string;
  /** The first of `nodes`, which lists at most 64 of `count`. */
  where: string;
  count: number;
  nodes: string[];
  hint: string;
  /** What answers it; null: nothing has to. */
  step: RecipeStep | null;
}

export interface RiskReport {
  findings: Risk[];
}

export interface SensitivityOptions extends ApplyOptions {
  /** The quantize_static whose layers are tried; default: its defaults. */
  quantize?: RecipeStep;
  /** How many of the calibration inputs the trials run on; default 8. */
  feeds?: number;
  /** Right classes of the first calibration inputs. */
  labels?: readonly number[];
}

/** What quantizing something does to the model's outputs. */
export interface TrialResult {
  /** dB; null: nothing is lost. */
  sqnr: number | null;
  /** Where the first output is scores of classes: KL divergence in nats, share of inputs with the same best class. */
  divergence?: number;
  agreement?: number;
  /** Where there are labels. */
  accuracy?: number;
}

export interface Sensitivity {
  feeds: number;
  floatAccuracy?: number;
  all: TrialResult;
  /** The most sensitive first. gain: dB that leaving it in float wins; bytes: what that costs. */
  layers: (TrialResult & { node: string; op: string; gain: number | null; bytes: number; macs: number })[];
  suggestion: { nodes: string[]; gain: number | null; bytes: number };
}

export interface LayerDiff {
  name: string;
  op: string;
  elements: number;
  /** null: equal (infinite). */
  sqnr: number | null;
  cosine: number;
  maxAbsError: number;
  /** sqnr by channel: axis 1 of four and more dimensions, else the last one. */
  channelSqnr?: (number | null)[];
  /** Of a quantized layer: share of the reference's values beyond the integers' range, and of that range that is not used. */
  clipped?: number;
  dead?: number;
  /** dB of the layer by itself, fed with the float model's values: what it adds, where sqnr is what has piled up. */
  aloneSqnr?: number | null;
}

export interface Comparison {
  outputs: LayerDiff[];
  layers: LayerDiff[];
}

export interface LabelledFeeds {
  feeds: Feeds;
  /** One class index per item of the batch. */
  labels: readonly number[];
}

export interface Evaluation {
  samples: number;
  accuracy: number;
  top5: number;
  macroF1: number;
  /** counts[truth][predicted] */
  confusion: number[][];
}

export interface ExportOptions {
  format?: 'qdq' | 'qoperator';
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
