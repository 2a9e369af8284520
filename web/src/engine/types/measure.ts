// What running, comparing and judging find out.
import type { RecipeStep } from './recipe';
import type { Feeds, Tensor } from './tensor';

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
  /** By channel: axis 1 of four and more dimensions, else the last one. */
  channelSqnr?: (number | null)[];
  channelCosine?: number[];
  channelMaxError?: number[];
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
