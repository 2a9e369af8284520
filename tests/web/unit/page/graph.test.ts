// What the graph view computes: repeated blocks, boxes and arrows, walking, the camera, tones.
import { describe, expect, it } from 'vitest';
import type { GraphNode, ModelGraph } from '../../../../web/src/engine/types';
import { findBlocks } from '../../../../web/src/graph/blocks';
import { fitAll, pan, reveal, toWorld, zoomAt } from '../../../../web/src/graph/camera';
import { bitsByName, boxTones, layersOf, tonesOf } from '../../../../web/src/graph/metrics';
import { buildScene } from '../../../../web/src/graph/scene';
import { walk } from '../../../../web/src/graph/walk';

/** A chain of operators; node i reads v<i> and makes v<i + 1>. */
const chain = (ops: readonly string[]): GraphNode[] =>
  ops.map((op, id) => ({
    id,
    name: `${op}_${id}`,
    op,
    domain: '',
    inputs: [`v${id}`],
    outputs: [`v${id + 1}`],
    attributes: {},
    macs: id * 10,
  }));

const graphOf = (ops: readonly string[]): ModelGraph => ({ nodes: chain(ops), values: [] });
const value = (name: string) => ({ name, type: 'float32' as const, shape: [1] });
const words = { open: new Set<string>(), blockTitle: () => 'block', blockNote: (n: number) => `${n}` };
const shown = ({ boxes }: { boxes: { id: string }[] }) => boxes.map(({ id }) => id).join(' ');

describe('repeated blocks', () => {
  it('are found with what is before and behind them', () => {
    const ops = ['Pad', ...Array(4).fill(['Conv', 'Relu', 'Add']).flat(), 'Gemm', 'Softmax'];
    const blocks = findBlocks(chain(ops));
    expect(blocks.map(({ first, length, index, of }) => [first, length, index, of])).toEqual([
      [1, 3, 1, 4],
      [4, 3, 2, 4],
      [7, 3, 3, 4],
      [10, 3, 4, 4],
    ]);
  });

  it('tell depthwise convolutions from others, and are none in a small or irregular graph', () => {
    expect(findBlocks(chain(['Conv', 'Relu', 'Gemm']))).toEqual([]);
    expect(findBlocks(chain(['Conv', 'Relu', 'Add', 'Mul', 'Pad', 'Gemm', 'Exp']))).toEqual([]);
    const nodes = chain(['Conv', 'Relu', 'Add', 'Conv', 'Relu', 'Add']);
    expect(findBlocks(nodes)).toHaveLength(2);
    (nodes[0] as GraphNode).attributes = { group: 8 };
    expect(findBlocks(nodes)).toEqual([]);
  });

  it('of a thousand nodes are found in no time', () => {
    const ops = Array.from(
      { length: 1000 },
      (_, i) => ['Conv', 'Relu', 'Add', 'Mul', 'Pad', 'Clip', 'Neg'][i % 7] as string,
    );
    const start = performance.now();
    expect(findBlocks(chain(ops)).length).toBeGreaterThan(100);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('the scene', () => {
  const ops = ['Conv', 'Relu', 'Add', 'Conv', 'Relu', 'Add', 'Gemm'];
  const graph = graphOf(ops);
  const scene = (open: string[]) =>
    buildScene(graph, [value('v0')], [value('v7')], { ...words, blocks: findBlocks(graph.nodes), open: new Set(open) });

  it('folds blocks and keeps the arrows', () => {
    expect(shown(scene([]))).toBe('i:v0 n6 b0 b3 o:v7');
    expect(scene([]).arrows).toEqual([
      ['i:v0', 'b0'],
      ['b0', 'b3'],
      ['b3', 'n6'],
      ['n6', 'o:v7'],
    ]);
  });

  it('opens the block that is asked for', () => {
    expect(shown(scene(['b0']))).toBe('i:v0 n0 n1 n2 n6 b3 o:v7');
  });

  it('is walked along arrows and sideways', () => {
    const placed = {
      width: 0,
      height: 0,
      arrows: [],
      boxes: [0, 2, 1, 3, 4].map((y, i) => ({ x: i === 3 ? 50 : 0, y })),
    };
    const now = scene([]);
    const at = (id: string) => now.boxes.findIndex((box) => box.id === id);
    expect(walk(now, placed, at('i:v0'), 'down')).toBe(at('b0'));
    expect(walk(now, placed, at('b0'), 'up')).toBe(at('i:v0'));
    expect(walk(now, placed, at('o:v7'), 'down')).toBe(at('o:v7'));
    placed.boxes[at('b3')] = { x: 50, y: 1 };
    expect(walk(now, placed, at('b0'), 'right')).toBe(at('b3'));
    expect(walk(now, placed, at('b0'), 'left')).toBe(at('b0'));
  });
});

describe('the camera', () => {
  const camera = { x: 10, y: 20, zoom: 2 };

  it('keeps what is under the pointer in its place', () => {
    const at = { x: 30, y: 40 };
    expect(toWorld(zoomAt(camera, at, 1.5), at)).toEqual(toWorld(camera, at));
    expect(toWorld(pan(camera, 8, 6), { x: 38, y: 46 })).toEqual(toWorld(camera, at));
  });

  it('shows all of it, and moves no more than it has to', () => {
    const placed = { width: 400, height: 2000, boxes: [], arrows: [] };
    const all = fitAll(placed, { width: 300, height: 500 });
    expect(toWorld(all, { x: 0, y: 0 }).y).toBeLessThan(0);
    expect(toWorld(all, { x: 300, y: 500 }).y).toBeGreaterThan(2000);
    expect(reveal(camera, { x: 120, y: 100 }, { width: 600, height: 600 })).toEqual(camera);
    expect(reveal(camera, { x: 120, y: 900 }, { width: 600, height: 600 }).y).toBeGreaterThan(camera.y);
  });
});

describe('metrics', () => {
  const graph: ModelGraph = {
    nodes: chain(['Conv', 'Relu']),
    values: [{ name: 'v0', type: 'float32', shape: [4], constant: true, bytes: 16 }],
  };

  it('come from the comparison, the profile and the compressed graph', () => {
    const layers = layersOf(graph, {
      layers: [{ name: 'v1', op: 'Conv', elements: 1, sqnr: 30, cosine: 1, maxAbsError: 0 }],
      profile: [{ node: 'Conv_0', op: 'Conv', integer: true, ms: 2 }],
    });
    expect(layers.map(({ sqnr, ms, bytes, macs }) => [sqnr, ms, bytes, macs])).toEqual([
      [30, 2, 16, 0],
      [undefined, undefined, 0, 10],
    ]);
    expect(tonesOf(layers, 'error')).toEqual([0.5, null]);
    expect(tonesOf(layers, 'macs')).toEqual([0, 1]);
    expect(tonesOf(layers, 'none')).toBeNull();
    expect(boxTones([0.2, 0.7, null], [{ nodes: [0, 1] }, { nodes: [2] }, { nodes: [] }])).toEqual([0.7, null, null]);
  });

  it('read the width of weights behind a DequantizeLinear', () => {
    const [conv, relu] = chain(['Conv', 'Relu']) as [GraphNode, GraphNode];
    const dequantize = { ...relu, id: 2, name: 'dq', op: 'DequantizeLinear', inputs: ['w4'], outputs: ['w'] };
    const quantized: ModelGraph = {
      nodes: [dequantize, { ...conv, inputs: ['v0', 'w'] }, relu],
      values: [
        { name: 'w4', type: 'int4', shape: [8], constant: true, bytes: 4 },
        { name: 'v1', type: 'float32', shape: [8], constant: false, bytes: 32 },
      ],
    };
    expect(Object.fromEntries(bitsByName(quantized))).toMatchObject({ Conv_0: 4, Relu_1: 32 });
  });
});
