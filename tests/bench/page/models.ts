// What is measured: the two networks made here, and the models of the folder HALFTONE_SHARED/models; and inputs for
// each, seeded. Where an input has symbolic sizes or its values mean something, a row says which.

import type { Feeds, ModelSummary, Tensor, ValueSummary } from '../../../web/src/engine/types';
import { Random } from '../../web/support/random';
import type { Network } from '../models/network';
import { mobileNetV2, resNet50 } from '../models/networks';
import { networkToOnnx } from '../models/to_onnx';

const built: Record<string, () => Network> = { 'MobileNetV2-1.0-224': mobileNetV2, 'ResNet-50': resNet50 };

export const builtModels = Object.keys(built);
export const SEED = 1;

/** The layers of a model made here; null: it is a file. */
export const builtNetwork = (name: string): Network | null => built[name]?.() ?? null;

/** The bytes of a model: one made here, by name, or a file below models/. */
export async function modelBytes(name: string): Promise<Uint8Array> {
  const network = builtNetwork(name);
  if (network) return networkToOnnx(network, SEED);
  const response = await fetch(`/models/${name}`);
  if (!response.ok) throw new Error(`models/${name}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

interface InputHint {
  dims?: number[];
  /** Of uniform values; default -1 to 1, integers 0 to 255. */
  range?: [number, number];
}

/** By file and, where a model has several inputs, by input. */
const hints: Record<string, InputHint | Record<string, InputHint>> = {
  'MobileNetV2-1.0-224': { range: [-2, 2] },
  'ResNet-50': { range: [-2, 2] },
  'audio/silero_vad_16k_op15.onnx': {
    input: { dims: [1, 512] },
    state: { dims: [2, 1, 128] },
    sr: { dims: [], range: [16000, 16000] },
  },
  'classify/mnist-8.onnx': { range: [0, 255] },
  'classify/mlperftiny-resnet8-cifar10.onnx': { range: [0, 255] },
  'classify/mobilenetv2-12-dequantized.onnx': { range: [-2, 2] },
  'classify/squeezenet1.0-fp32.onnx': { range: [-123, 151] },
  'detect/yolox_nano.onnx': { range: [0, 255] },
  'detect/yunet_n_320_320.onnx': { range: [0, 255] },
  'image2image/fns-mosaic.onnx': { range: [0, 255] },
  'ocr/ch_PP-OCRv3_det_infer.onnx': { dims: [1, 3, 320, 320] },
  'quantized/mobilenetv2-12-qdq.onnx': { range: [-2, 2] },
  'text/aidreams260K-llama.onnx': { dims: [1, 64], range: [0, 511] },
};

function hintFor(model: string, input: string): InputHint {
  const hint = hints[model] ?? {};
  return 'dims' in hint || 'range' in hint ? (hint as InputHint) : ((hint as Record<string, InputHint>)[input] ?? {});
}

function tensorFor({ type, shape }: ValueSummary, hint: InputHint, random: Random): Tensor {
  const dims = hint.dims ?? (shape ?? []).map((dim) => (typeof dim === 'number' ? dim : 1));
  const count = dims.reduce((a, b) => a * b, 1);
  const whole = () => Math.floor(random.uniform(hint.range?.[0] ?? 0, (hint.range?.[1] ?? 255) + 1));
  const numbers = () => Array.from({ length: count }, whole);
  switch (type) {
    case 'float32':
      return { type, dims, data: random.floats(count, ...(hint.range ?? [-1, 1])) };
    case 'uint8':
      return { type, dims, data: Uint8Array.from(numbers()) };
    case 'int32':
      return { type, dims, data: Int32Array.from(numbers()) };
    case 'int64':
      return { type, dims, data: BigInt64Array.from(numbers(), BigInt) };
    default:
      throw new Error(`inputs of type ${type} are not made here`);
  }
}

export function seededFeeds(model: string, summary: ModelSummary, seed: number): Feeds {
  const random = new Random(seed);
  return Object.fromEntries(
    summary.inputs.map((input) => [input.name, tensorFor(input, hintFor(model, input.name), random)]),
  );
}
