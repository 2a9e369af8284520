// A small classifier for engine tests: Conv 3x3 (3 -> 8), Relu, GlobalAveragePool, Flatten, Gemm (8 -> 4).

import type { Feeds } from '../../../web/src/engine/types';
import { buildModel, type ModelSpec } from './onnx_builder';
import { Random } from './random';

export const CLASSES = 4;

export function tinySpec(): ModelSpec {
  const random = new Random(1);
  return {
    nodes: [
      {
        op: 'Conv',
        name: 'conv',
        inputs: ['x', 'w', 'b'],
        outputs: ['conv_out'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      },
      { op: 'Relu', name: 'relu', inputs: ['conv_out'], outputs: ['relu_out'] },
      { op: 'GlobalAveragePool', name: 'pool', inputs: ['relu_out'], outputs: ['pool_out'] },
      { op: 'Flatten', name: 'flatten', inputs: ['pool_out'], outputs: ['flat'] },
      { op: 'Gemm', name: 'classify', inputs: ['flat', 'fw', 'fb'], outputs: ['scores'], attributes: { transB: 1 } },
    ],
    inputs: [{ name: 'x', dims: ['batch', 3, 8, 8] }],
    outputs: [{ name: 'scores', dims: ['batch', CLASSES] }],
    initializers: [
      { name: 'w', dims: [8, 3, 3, 3], data: random.floats(8 * 27) },
      { name: 'b', dims: [8], data: random.floats(8) },
      { name: 'fw', dims: [CLASSES, 8], data: random.floats(CLASSES * 8) },
      { name: 'fb', dims: [CLASSES], data: random.floats(CLASSES) },
    ],
  };
}

export const tinyModel = (): Uint8Array => buildModel(tinySpec());

export function tinyFeeds(seed: number, batch = 1): Feeds {
  return {
    x: { type: 'float32', dims: [batch, 3, 8, 8], data: new Random(seed).floats(batch * 192) },
  };
}

/** A model with one large constant (in bytes), for tests of memory. */
export function heavyModel(bytes: number): Uint8Array {
  const rows = Math.ceil(bytes / 4 / 256);
  return buildModel({
    nodes: [{ op: 'MatMul', name: 'product', inputs: ['x', 'w'], outputs: ['y'] }],
    inputs: [{ name: 'x', dims: [1, rows] }],
    outputs: [{ name: 'y', dims: [1, 256] }],
    initializers: [{ name: 'w', dims: [rows, 256], data: new Random(2).floats(rows * 256) }],
  });
}
