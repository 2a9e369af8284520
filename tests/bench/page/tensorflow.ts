// TensorFlow.js with its WebAssembly backend (XNNPACK), for the networks made here: the same layers and weights as the
// ONNX file's, with channels last, as it wants them.

import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '../../../web/src/engine/types';
import { type Layer, type Network, networkWeights, type Weights } from '../models/network';
import { type Contestant, memoryFromNowOn } from './contestants';

interface Parameters {
  weight: tf.Tensor;
  bias: tf.Tensor1D;
}

/** OIHW -> HWIO; of a depthwise one (I = 1) HWOI, which is TensorFlow's height, width, channels, multiplier. */
function parametersOf({ dims, weight, bias }: Weights): Parameters {
  const oihw = tf.tensor(weight, dims);
  const order = dims.length === 2 ? [1, 0] : dims[1] === 1 ? [2, 3, 0, 1] : [2, 3, 1, 0];
  return { weight: tf.transpose(oihw, order), bias: tf.tensor1d(bias) };
}

const activationOf = (layer: { activation: string }) => layer.activation.replace('none', 'linear') as 'linear';

function layerOutput(layer: Layer, values: Map<string, tf.Tensor>, parameters: Map<string, Parameters>): tf.Tensor {
  const value = (name: string) => values.get(name) as tf.Tensor4D;
  const { weight, bias } = (parameters.get(layer.name) ?? {}) as Parameters;
  switch (layer.kind) {
    case 'conv': {
      const { kernel, stride: strides } = layer;
      const common = { x: value(layer.input), strides, pad: (kernel - 1) >> 1, bias, activation: activationOf(layer) };
      const filter = weight as tf.Tensor4D;
      return layer.depthwise ? tf.fused.depthwiseConv2d({ ...common, filter }) : tf.fused.conv2d({ ...common, filter });
    }
    case 'add': {
      const sum = tf.add(value(layer.inputs[0]), value(layer.inputs[1]));
      return layer.activation === 'relu' ? tf.relu(sum) : sum;
    }
    case 'maxpool':
      return tf.maxPool(value(layer.input), layer.kernel, layer.stride, (layer.kernel - 1) >> 1);
    case 'average':
      return tf.mean(value(layer.input), [1, 2]);
    case 'dense': {
      const a = values.get(layer.input) as tf.Tensor2D;
      return tf.fused.matMul({ a, b: weight as tf.Tensor2D, bias, transposeA: false, transposeB: false });
    }
  }
}

function forward(network: Network, input: tf.Tensor, parameters: Map<string, Parameters>): tf.Tensor {
  return tf.tidy(() => {
    const values = new Map([['input', input]]);
    let last = input;
    for (const layer of network.layers) {
      last = layerOutput(layer, values, parameters);
      values.set(layer.name, last);
    }
    return last;
  });
}

/** `feed`: the ONNX model's input, channels first. The copy in and out is timed, as it is with the others. */
export async function tensorflow(network: Network, seed: number, feed: Tensor, threads: number): Promise<Contestant> {
  const memory = memoryFromNowOn();
  setWasmPaths('/tfjs/');
  setThreadsCount(threads);
  if (!(await tf.setBackend('wasm'))) throw new Error('the backend did not start');
  const parameters = new Map<string, Parameters>();
  for (const [name, weights] of networkWeights(network, seed)) parameters.set(name, parametersOf(weights));
  const { size } = network;
  const planar = tf.tensor4d(feed.data as Float32Array, [1, 3, size, size]);
  const data = (await tf.transpose(planar, [0, 2, 3, 1]).data()) as Float32Array;
  const scores = async () => {
    const input = tf.tensor4d(data, [1, size, size, 3]);
    const output = forward(network, input, parameters);
    const values = (await output.data()) as Float32Array;
    tf.dispose([input, output]);
    return values;
  };
  return {
    name: 'TensorFlow.js',
    async run() {
      const start = performance.now();
      await scores();
      const ms = performance.now() - start;
      return { engine: ms, call: ms };
    },
    outputs: async () => ({ scores: { type: 'float32', dims: [1, 1000], data: await scores() } }),
    memory: async () => memory(),
    dispose: async () => tf.dispose([...parameters.values()].flatMap(({ weight, bias }) => [weight, bias])),
  };
}
