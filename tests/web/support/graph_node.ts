import type { GraphNode } from '../../../web/src/engine/types';

/** A node of a graph that never saw the engine. */
export const graphNode = (op: string, name: string, inputs: string[], outputs: string[]): GraphNode => ({
  id: 0,
  name,
  op,
  domain: '',
  inputs,
  outputs,
  attributes: {},
  macs: 0,
});
