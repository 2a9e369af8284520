// Which operators of a file in the QOperator form work on integers.
import { expect, it } from 'vitest';
import type { ModelGraph } from '../../../../web/src/engine/types';
import { formsOf } from '../../../../web/src/results/forms';
import { graphNode as node } from '../../support/graph_node';

it('counts what became an operator on integers, and what stayed between both changes', () => {
  const nodes = [
    node('QuantizeLinear', 'q', ['x', 's', 'z'], ['xq']),
    node('QLinearConv', 'conv', ['xq', 's', 'z', 'w', 's', 'z', 's', 'z'], ['yq']),
    node('DequantizeLinear', 'd', ['yq', 's', 'z'], ['y']),
    node('DequantizeLinear', 'wd', ['w4', 's', 'z'], ['w4_float']),
    node('MatMul', '', ['y', 'w4_float'], ['h']),
    node('Softmax', 'soft', ['y'], ['p']),
    node('Erf', 'float', ['h'], ['e']),
  ];
  const values = ['w', 'w4', 's', 'z'].map((name) => ({ name, constant: true })) as ModelGraph['values'];
  expect(formsOf({ nodes, values })).toEqual({ integer: 1, qdq: ['MatMul -> h', 'soft'], weighted: 1 });
});
