// A convolutional network as a list of layers, from which its ONNX file is made (to_onnx.ts). Batch normalization is
// folded already: a convolution has a bias and ends in its activation. Weights are drawn layer by layer from one seed.

import { Random } from '../../web/support/random';

export type Activation = 'none' | 'relu' | 'relu6';

/** A layer's output carries its name; `input` names the layer (or 'input') it reads. */
export interface ConvLayer {
  kind: 'conv';
  name: string;
  input: string;
  channels: number;
  filters: number;
  kernel: number;
  stride: number;
  depthwise: boolean;
  activation: Activation;
  /** Second moment of the output, where the input's is one. */
  gain: number;
}

export type Layer =
  | ConvLayer
  | { kind: 'add'; name: string; inputs: [string, string]; activation: Activation }
  | { kind: 'maxpool'; name: string; input: string; kernel: number; stride: number }
  | { kind: 'average'; name: string; input: string }
  | { kind: 'dense'; name: string; input: string; channels: number; units: number };

export interface Network {
  name: string;
  /** Height and width of the input, which has three channels. */
  size: number;
  layers: Layer[];
}

type ConvOptions = Partial<Pick<ConvLayer, 'kernel' | 'stride' | 'depthwise' | 'activation' | 'gain'>>;

/** Collects layers; every method answers the name of the layer it added. */
export class NetworkBuilder {
  readonly layers: Layer[] = [];
  readonly #channels = new Map([['input', 3]]);

  #add(layer: Layer, channels: number): string {
    this.layers.push(layer);
    this.#channels.set(layer.name, channels);
    return layer.name;
  }

  channelsOf(name: string): number {
    const channels = this.#channels.get(name);
    if (channels === undefined) throw new Error(`there is no layer named ${name}`);
    return channels;
  }

  conv(name: string, input: string, filters: number, options: ConvOptions = {}): string {
    const { kernel = 1, stride = 1, depthwise = false, activation = 'none', gain = 1 } = options;
    const channels = this.channelsOf(input);
    const layer = { name, input, channels, filters, kernel, stride, depthwise, activation, gain };
    return this.#add({ kind: 'conv', ...layer }, filters);
  }

  add(name: string, inputs: [string, string], activation: Activation = 'none'): string {
    return this.#add({ kind: 'add', name, inputs, activation }, this.channelsOf(inputs[0]));
  }

  maxpool(name: string, input: string, kernel: number, stride: number): string {
    return this.#add({ kind: 'maxpool', name, input, kernel, stride }, this.channelsOf(input));
  }

  classifier(input: string, units: number): void {
    const channels = this.channelsOf(input);
    this.#add({ kind: 'average', name: 'average', input }, channels);
    this.#add({ kind: 'dense', name: 'scores', input: 'average', channels, units }, units);
  }
}

export interface Weights {
  /** Convolution: filters, channels of a group, height, width. Dense: units, channels. */
  dims: number[];
  weight: Float32Array;
  bias: Float32Array;
}

/**
 * He's initialization, uniform: the variance gain / fan_in (twice that before an activation, which halves the second
 * moment) keeps activations at their size from layer to layer. K. He et al., "Delving deep into rectifiers", 2015.
 */
export function layerWeights(layer: ConvLayer | (Layer & { kind: 'dense' }), random: Random): Weights {
  const isConv = layer.kind === 'conv';
  const filters = isConv ? layer.filters : layer.units;
  const perGroup = isConv && layer.depthwise ? 1 : layer.channels;
  const dims = isConv ? [filters, perGroup, layer.kernel, layer.kernel] : [filters, perGroup];
  const fanIn = perGroup * (isConv ? layer.kernel ** 2 : 1);
  const gain = isConv ? layer.gain * (layer.activation === 'none' ? 1 : 2) : 1;
  const bound = Math.sqrt((3 * gain) / fanIn);
  const weight = random.floats(filters * fanIn, -bound, bound);
  return { dims, weight, bias: random.floats(filters, -0.1, 0.1) };
}

/** Weights of every layer that has some, by the layer's name. */
export function* networkWeights(network: Network, seed: number): Generator<[string, Weights]> {
  const random = new Random(seed);
  for (const layer of network.layers) {
    if (layer.kind === 'conv' || layer.kind === 'dense') yield [layer.name, layerWeights(layer, random)];
  }
}
