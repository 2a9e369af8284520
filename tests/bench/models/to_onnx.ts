// A network as an ONNX file of batch 1, opset 13, with seeded weights.

import { buildModel, type NodeSpec, type TensorSpec } from '../../web/support/onnx_builder';
import { type Activation, type ConvLayer, type Layer, type Network, networkWeights } from './network';

const scalar = (name: string, value: number): TensorSpec => ({ name, dims: [], data: Float32Array.of(value) });

/** The node itself and, where there is an activation, a node for that; the last one's output has the layer's name. */
function activated(node: Omit<NodeSpec, 'outputs'>, name: string, activation: Activation): NodeSpec[] {
  if (activation === 'none') return [{ ...node, name, outputs: [name] }];
  const linear = `${name}_linear`;
  const last: NodeSpec =
    activation === 'relu'
      ? { op: 'Relu', name: `${name}_relu`, inputs: [linear], outputs: [name] }
      : { op: 'Clip', name: `${name}_relu6`, inputs: [linear, 'zero', 'six'], outputs: [name] };
  return [{ ...node, name, outputs: [linear] }, last];
}

function windowOf({ kernel, stride }: { kernel: number; stride: number }) {
  const pad = (kernel - 1) >> 1;
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
}

function convNodes(layer: ConvLayer): NodeSpec[] {
  const { name, input, depthwise, channels, activation } = layer;
  const attributes = { ...windowOf(layer), group: depthwise ? channels : 1 };
  return activated({ op: 'Conv', inputs: [input, `${name}_w`, `${name}_b`], attributes }, name, activation);
}

function nodesOf(layer: Layer): NodeSpec[] {
  const { name } = layer;
  switch (layer.kind) {
    case 'conv':
      return convNodes(layer);
    case 'add':
      return activated({ op: 'Add', inputs: [...layer.inputs] }, name, layer.activation);
    case 'maxpool':
      return [{ op: 'MaxPool', name, inputs: [layer.input], outputs: [name], attributes: windowOf(layer) }];
    case 'average':
      return [
        { op: 'GlobalAveragePool', name, inputs: [layer.input], outputs: [`${name}_1x1`] },
        { op: 'Flatten', name: `${name}_flatten`, inputs: [`${name}_1x1`], outputs: [name] },
      ];
    case 'dense':
      return [
        {
          op: 'Gemm',
          name,
          inputs: [layer.input, `${name}_w`, `${name}_b`],
          outputs: [name],
          attributes: { transB: 1 },
        },
      ];
  }
}

export function networkToOnnx(network: Network, seed = 1): Uint8Array {
  const initializers = [scalar('zero', 0), scalar('six', 6)];
  for (const [name, { dims, weight, bias }] of networkWeights(network, seed)) {
    initializers.push({ name: `${name}_w`, dims, data: weight });
    initializers.push({ name: `${name}_b`, dims: [bias.length], data: bias });
  }
  const last = network.layers.at(-1);
  if (last?.kind !== 'dense') throw new Error('a network ends in its classifier');
  const uses6 = network.layers.some((layer) => 'activation' in layer && layer.activation === 'relu6');
  return buildModel({
    nodes: network.layers.flatMap(nodesOf),
    inputs: [{ name: 'input', dims: [1, 3, network.size, network.size] }],
    outputs: [{ name: last.name, dims: [1, last.units] }],
    initializers: uses6 ? initializers : initializers.slice(2),
  });
}
