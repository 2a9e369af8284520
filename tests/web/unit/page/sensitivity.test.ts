// What scans and allocations say, as reports have it.
import { describe, expect, it } from 'vitest';
import type { StepReport } from '../../../../web/src/engine/types';
import { layersOf } from '../../../../web/src/graph/metrics';
import { allocationOf, factsOf, keptInFloat, scanOf, widthCounts } from '../../../../web/src/results/sensitivity';

const step = (facts: Record<string, unknown>): StepReport => ({
  pass: 'p',
  params: {},
  bytesBefore: 1,
  bytesAfter: 1,
  warnings: [],
  ...facts,
});

describe('reports', () => {
  it('are told apart by what they hold', () => {
    const scan = step({ layers: [{ node: 'a', sqnr: 20 }], suggestion: { nodes: [], gain: 0, bytes: 0 } });
    const allocation = step({ layers: [{ node: 'a', bits: 4 }], front: [], meanBits: 4 });
    expect([scanOf(scan), allocationOf(scan)]).toEqual([scan, null]);
    expect([scanOf(allocation), allocationOf(allocation)]).toEqual([null, allocation]);
    expect(scanOf(step({ tensors: [] }))).toBeNull();
  });

  it('show only what was measured', () => {
    expect(factsOf([{ node: 'a', sqnr: 20 }])).toEqual([]);
    expect(factsOf([{ node: 'a', sqnr: 20, agreement: 1, gain: null, bytes: 8 }])).toEqual([
      'agreement',
      'gain',
      'bytes',
    ]);
  });
});

it('layers of each width are counted, the narrowest first', () => {
  expect(widthCounts([{ bits: 8 }, { bits: 4 }, { bits: 8 }])).toEqual([
    [4, 1],
    [8, 2],
  ]);
});

it('nodes that are to stay in float are exceptions', () => {
  expect(keptInFloat('q', 'overrides', ['a'])).toEqual({ pass: 'q', overrides: [{ where: 'a', keep_float: true }] });
});

it('a layer without a name is found by what it makes', () => {
  const unnamed = { id: 0, name: '', op: 'Gemm', domain: '', inputs: [], outputs: ['8'], attributes: {}, macs: 1 };
  const [layer] = layersOf({ nodes: [unnamed], values: [] }, { sensitivity: new Map([['Gemm -> 8', 12]]) });
  expect(layer?.sensitivity).toBe(12);
});
