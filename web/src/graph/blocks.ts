// Repeated blocks of a network: stretches of the topological order whose nodes look alike, period after period.
// What lies in one stretch of a topological order can become one box without making a cycle. Pure.
import type { GraphNode } from '../engine/types';

export interface Block {
  id: string;
  /** Places in the order: [first, first + length). */
  first: number;
  length: number;
  /** Counted from 1, among the repetitions of the same block. */
  index: number;
  of: number;
}

interface Run {
  start: number;
  period: number;
  times: number;
}

const SHORTEST = 3;
const LONGEST = 64;

/** What has to be equal for nodes to look alike; channel counts may differ. */
export function signature(node: GraphNode): string {
  const { kernel_shape: kernel, group } = node.attributes;
  return `${node.op} ${JSON.stringify(kernel ?? '')} ${typeof group === 'number' && group > 1 ? 'grouped' : ''}`;
}

/** The run that covers most of [from, to); a shorter period wins a draw. A block of one kind of node only is none. */
function bestRun(marks: readonly string[], from: number, to: number): Run | null {
  let best: Run | null = null;
  for (let period = SHORTEST; period <= Math.min(LONGEST, (to - from) >> 1); ++period) {
    let alike = 0;
    for (let i = to - period - 1; i >= from; --i) {
      alike = marks[i] === marks[i + period] ? alike + 1 : 0;
      const times = Math.floor(alike / period) + 1;
      const covered = times * period;
      if (times >= 2 && covered > (best ? best.times * best.period : 5)) best = { start: i, period, times };
    }
  }
  return best;
}

function split(marks: readonly string[], from: number, to: number, found: Run[]): void {
  const run = to - from >= 2 * SHORTEST ? bestRun(marks, from, to) : null;
  if (!run) return;
  split(marks, from, run.start, found);
  found.push(run);
  split(marks, run.start + run.period * run.times, to, found);
}

export function findBlocks(nodes: readonly GraphNode[]): Block[] {
  const found: Run[] = [];
  split(nodes.map(signature), 0, nodes.length, found);
  return found.flatMap(({ start, period, times }) =>
    Array.from({ length: times }, (_, i) => ({
      id: `b${start + i * period}`,
      first: start + i * period,
      length: period,
      index: i + 1,
      of: times,
    })),
  );
}
