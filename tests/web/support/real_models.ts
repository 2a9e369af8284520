// The real models of HALFTONE_SHARED/models and data for each, preprocessed as models/DATASETS.md says.
// Where a network was not trained on any of that data, photographs of the right size stand in.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Feeds } from '../../../web/src/engine';
import { Random } from './random';

export interface RealModel {
  file: string;
  /** Name and sizes of the one input. */
  input: string;
  dims: number[];
  /** Item i of the data: the elements of the input, planar (CHW). */
  item(i: number): Float32Array;
  /** Range of uniform random input. */
  range: [number, number];
  quantized?: boolean;
}

const shared = process.env.HALFTONE_SHARED;
export const modelsFolder = shared ? join(shared, 'models') : '';
export const haveModels = modelsFolder !== '' && existsSync(modelsFolder);

/** A model of several inputs, of other types than float32, or with data of its own. */
export interface FloatModel {
  file: string;
  quantized?: boolean;
  /** All inputs for item i of the data, or seeded random ones where there is none. */
  feeds(i: number): Feeds;
  /** Where rounding grows through the layers: what the signal over the difference has to reach instead of 1e-3, 1e-4. */
  decibels?: number;
  /** Share of an integer layer's elements that may be one step from onnxruntime's; 0.005 where it does not say. */
  nearTies?: number;
  /** Seconds for a run: one sample has to do. */
  slow?: boolean;
}

export const readModel = (model: { file: string }): Uint8Array =>
  new Uint8Array(readFileSync(join(modelsFolder, model.file)));

const files = new Map<string, Uint8Array>();

function data(file: string): Uint8Array {
  const cached = files.get(file);
  if (cached) return cached;
  const raw = readFileSync(join(modelsFolder, 'data', file));
  const bytes = new Uint8Array(file.endsWith('.gz') ? gunzipSync(raw) : raw);
  files.set(file, bytes);
  return bytes;
}

interface Image {
  width: number;
  height: number;
  /** Byte of channel c at (x, y). */
  at(x: number, y: number, c: number): number;
}

function photo(i: number): Image {
  const pixels = data('imagenet200/imagenet200-224-rgb8.bin.gz');
  const start = i * 224 * 224 * 3;
  return { width: 224, height: 224, at: (x, y, c) => pixels[start + (y * 224 + x) * 3 + c] ?? 0 };
}

function cifar(i: number): Image {
  const records = data('cifar10/test2000.bin.gz');
  const start = i * 3073 + 1;
  return { width: 32, height: 32, at: (x, y, c) => records[start + c * 1024 + y * 32 + x] ?? 0 };
}

function digit(i: number): Image {
  const bytes = data('mnist/t10k-images-idx3-ubyte.gz');
  const start = 16 + i * 784;
  return { width: 28, height: 28, at: (x, y) => bytes[start + y * 28 + x] ?? 0 };
}

interface Preprocessing {
  width: number;
  height: number;
  scale: number;
  mean: number[];
  deviation: number[];
  bgr?: boolean;
}

/** Nearest-neighbour resize, channel order, (value * scale - mean) / deviation. */
function planar(image: Image, { width, height, scale, mean, deviation, bgr }: Preprocessing): Float32Array {
  const channels = mean.length;
  const out = new Float32Array(channels * width * height);
  for (let c = 0; c < channels; ++c) {
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        const [sx, sy] = [Math.floor((x * image.width) / width), Math.floor((y * image.height) / height)];
        const value = image.at(sx, sy, bgr ? channels - 1 - c : c) * scale;
        out[(c * height + y) * width + x] = (value - (mean[c] ?? 0)) / (deviation[c] ?? 1);
      }
    }
  }
  return out;
}

const grey = (size: number, scale: number): Preprocessing => ({
  width: size,
  height: size,
  scale,
  mean: [0],
  deviation: [1],
});
const plain = (width: number, height: number, more: Partial<Preprocessing> = {}): Preprocessing => ({
  width,
  height,
  scale: 1,
  mean: [0, 0, 0],
  deviation: [1, 1, 1],
  ...more,
});
const imagenet = plain(224, 224, { scale: 1 / 255, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] });
const cifarNormal = plain(32, 32, {
  scale: 1 / 255,
  mean: [0.4914, 0.4822, 0.4465],
  deviation: [0.2471, 0.2435, 0.2616],
});

export const realModels: RealModel[] = [
  {
    file: 'classify/mnist-8.onnx',
    input: 'Input3',
    dims: [1, 1, 28, 28],
    item: (i) => planar(digit(i), grey(28, 1)),
    range: [0, 255],
  },
  {
    file: 'classify/squeezenet1.0-fp32.onnx',
    input: 'data_0',
    dims: [1, 3, 224, 224],
    item: (i) => planar(photo(i), plain(224, 224, { mean: [104, 117, 123], bgr: true })),
    range: [-123, 151],
  },
  {
    file: 'classify/mobilenetv2-12-dequantized.onnx',
    input: 'input',
    dims: [1, 3, 224, 224],
    item: (i) => planar(photo(i), imagenet),
    range: [-2, 2],
  },
  {
    file: 'classify/mlperftiny-resnet8-cifar10.onnx',
    input: 'input',
    dims: [1, 3, 32, 32],
    item: (i) => planar(cifar(i), plain(32, 32)),
    range: [0, 255],
  },
  {
    file: 'classify/cifar10-resnet_4b.onnx',
    input: 'input.1',
    dims: [1, 3, 32, 32],
    item: (i) => planar(cifar(i), cifarNormal),
    range: [-2, 2],
  },
  {
    file: 'classify/mnistfc-256x2.onnx',
    input: '0',
    dims: [1, 784, 1],
    item: (i) => planar(digit(i), grey(28, 1 / 255)),
    range: [0, 1],
  },
  {
    file: 'classify/stm32-mobilenet_v2_128_0.5.onnx',
    input: 'input_1:0',
    dims: [1, 3, 128, 128],
    item: (i) => planar(photo(i), plain(128, 128, { scale: 1 / 127.5, mean: [1, 1, 1] })),
    range: [-1, 1],
  },
  {
    file: 'detect/version-RFB-320.onnx',
    input: 'input',
    dims: [1, 3, 240, 320],
    item: (i) => planar(photo(i), plain(320, 240, { scale: 1 / 128, mean: [0.992, 0.992, 0.992] })),
    range: [-1, 1],
  },
  {
    file: 'detect/yunet_n_320_320.onnx',
    input: 'input',
    dims: [1, 3, 320, 320],
    item: (i) => planar(photo(i), plain(320, 320, { bgr: true })),
    range: [0, 255],
  },
  {
    file: 'quantized/mobilenetv2-12-qdq.onnx',
    input: 'input',
    dims: [1, 3, 224, 224],
    item: (i) => planar(photo(i), imagenet),
    range: [-2, 2],
    quantized: true,
  },
];

export function randomItem({ dims, range }: RealModel, seed: number): Float32Array {
  return new Random(seed).floats(
    dims.reduce((a, b) => a * b),
    ...range,
  );
}

const floatTensor = (dims: number[], values: Float32Array): Feeds[string] => ({ type: 'float32', dims, data: values });
const zeros = (dims: number[]): Feeds[string] => floatTensor(dims, new Float32Array(dims.reduce((a, b) => a * b)));

/** Samples of a 16-bit PCM file, in [-1, 1). */
function sound(file: string, start: number, count: number): Float32Array {
  const bytes = data(`audio/${file}`);
  const pcm = new DataView(bytes.buffer, bytes.byteOffset + 44);
  return Float32Array.from({ length: count }, (_, i) => pcm.getInt16(2 * (start + i), true) / 32768);
}

/** Magnitudes of the first 257 frequencies of 512 samples, as the speech networks take them. */
function magnitudes(samples: Float32Array): Float32Array {
  return Float32Array.from({ length: 257 }, (_, k) => {
    let [re, im] = [0, 0];
    samples.forEach((x, n) => {
      re += x * Math.cos((2 * Math.PI * k * n) / 512);
      im -= x * Math.sin((2 * Math.PI * k * n) / 512);
    });
    return Math.hypot(re, im);
  });
}

const unit = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };
const speech = (i: number): number => 16000 + 4000 * (i % 8);

/** Bytes of a picture stretched to size x size, channels innermost. */
function interleaved(image: Image, size: number): Uint8Array {
  const chw = planar(image, plain(size, size));
  return Uint8Array.from(chw, (_, i) => chw[(i % 3) * size * size + Math.floor(i / 3)] ?? 0);
}

export const otherModels: FloatModel[] = [
  {
    // Their integer Softmax divides a table of rounded exponentials by the sum.
    file: 'classify/cifar10-vit-ibp_3_3_8.onnx',
    nearTies: 0.05,
    feeds: (i) => ({ input: floatTensor([1, 3, 32, 32], planar(cifar(i), cifarNormal)) }),
  },
  {
    file: 'tabular/iris-network.onnx',
    feeds: (i) => ({ input: floatTensor([3, 4], new Random(i).floats(12, 0, 7)) }),
  },
  {
    file: 'detect/yolox_nano.onnx',
    feeds: (i) => ({ images: floatTensor([1, 3, 416, 416], planar(photo(i), plain(416, 416, { bgr: true }))) }),
  },
  {
    file: 'ocr/ch_PP-OCRv3_det_infer.onnx',
    feeds: (i) => ({ x: floatTensor([1, 3, 320, 256], planar(photo(i), plain(256, 320, unit))) }),
  },
  {
    // Evaluated in float64, the network is 119 dB from our outputs and 80.5 dB from onnxruntime's. The distance is
    // theirs: its fifteen instance normalizations add up to 800 x 800 elements into one float each. A float64
    // evaluation that sums there as they do agrees with them at 124 dB.
    file: 'image2image/fns-mosaic.onnx',
    decibels: 80,
    nearTies: 0.01,
    slow: true,
    feeds: (i) => ({ inputImage: floatTensor([1, 3, 720, 720], planar(photo(i), plain(720, 720))) }),
  },
  {
    file: 'image2image/super-resolution-core.onnx',
    feeds: (i) => ({ input: floatTensor([1, 1, 224, 224], planar(photo(i), grey(224, 1 / 255))) }),
  },
  {
    file: 'audio/basic-pitch-nmp.onnx',
    feeds: (i) => ({
      'serving_default_input_2:0': floatTensor([1, 43844, 1], sound('gtcrn_mix.wav', speech(i), 43844)),
    }),
  },
  {
    file: 'audio/dtln-model_1.onnx',
    feeds: (i) => ({
      input_2: floatTensor([1, 1, 257], magnitudes(sound('gtcrn_mix.wav', speech(i), 512))),
      input_3: floatTensor([1, 2, 128, 2], new Random(i).floats(512)),
    }),
  },
  {
    file: 'audio/silero_vad_16k_op15.onnx',
    feeds: (i) => ({
      input: floatTensor([1, 576], sound('silero_test.wav', speech(i), 576)),
      state: i === 0 ? zeros([2, 1, 128]) : floatTensor([2, 1, 128], new Random(i).floats(256)),
      sr: { type: 'int64', dims: [], data: BigInt64Array.of(16000n) },
    }),
  },
  {
    file: 'text/aidreams260K-llama.onnx',
    feeds: (i) => ({
      input_ids: {
        type: 'int64',
        dims: [1, 16],
        data: BigInt64Array.from(new Random(i).floats(16, 3, 512), (v) => BigInt(Math.floor(v))),
      },
    }),
  },
  {
    file: 'text/magika-standard_v3_3.onnx',
    feeds: (i) => ({
      bytes: {
        type: 'int32',
        dims: [1, 2048],
        data: Int32Array.from({ length: 2048 }, (_, k) => data('imagenet200/index.tsv')[100 * i + k] ?? 256),
      },
    }),
  },
  {
    file: 'quantized/stm32-od-model_onnx_q.onnx',
    quantized: true,
    feeds: (i) => ({
      'serving_default_input_1:0': {
        type: 'uint8',
        dims: [1, 256, 256, 3],
        data: interleaved(photo(i), 256),
      },
    }),
  },
];

/** Every model of the folder, with data for all of its inputs. */
export const everyModel: FloatModel[] = [
  ...realModels.map((real) => ({
    file: real.file,
    quantized: real.quantized,
    feeds: (i: number) => ({ [real.input]: floatTensor(real.dims, real.item(i)) }),
  })),
  ...otherModels,
];

/** Paths of the .onnx files below the folder of models. */
export const modelFiles = (): string[] =>
  readdirSync(modelsFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx'));
