// The benchmark's arithmetic and tables; what it times is nothing that a test could judge.
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../../scripts/bench/options.mjs';
import { limitsOf, profileOf, remarks, rowsOf, speedTable, textTable } from '../../../../scripts/bench/report.mjs';
import { bestRatio, median, overallMedian, pairedRatio } from '../../../../scripts/bench/stats.mjs';

describe('statistics', () => {
  it('takes the median of odd and even counts, in any order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
    expect(overallMedian([[1, 100], [2], [3, 50]])).toBe(3);
  });

  it('compares within rounds, so that a slow phase of the machine does not count', () => {
    const ours = [[1], [10], [1], [10]];
    const theirs = [[2], [20], [2], [20]];
    expect(pairedRatio(ours, theirs)).toBe(2);
    // The last round of theirs is missing.
    expect(pairedRatio(ours, theirs.slice(0, 3))).toBe(2);
    expect(bestRatio(ours, [[7], [3]])).toBe(3);
  });
});

describe('options', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toMatchObject({ threads: null, variant: 'auto', runs: 20, peers: true, json: null });
    expect(parseOptions(['--quick'])).toMatchObject({ quick: true, runs: 7, kernels: false });
  });

  it('reads every option', () => {
    const args = '--models mobile --threads 1,2 --variant simd --runs 3 --lib a --lib b --profile --no-peers --json x';
    expect(parseOptions(args.split(' '))).toMatchObject({
      models: /mobile/i,
      threads: [1, 2],
      variant: 'simd',
      runs: 3,
      libraries: ['a', 'b'],
      profile: true,
      peers: false,
      json: 'x',
    });
    expect(parseOptions(['--json', '--quick']).json).toMatch(/report\.json$/);
    const kernels = { kernels: true, variant: 'simd', build: false };
    expect(parseOptions(['--kernels', '--variant', 'simd', '--no-build'])).toMatchObject(kernels);
  });

  it.each([
    ['--threads', '0'],
    ['--threads', 'two'],
    ['--variant', 'fast'],
    ['--runs', '1.5'],
    ['--models', '('],
    ['--runs'],
    ['--nonsense'],
  ])('refuses %s %s', (...args) => {
    expect(() => parseOptions(args)).toThrow(args[0]);
  });
});

const rounds = (...ms: number[]) => ms.map((engine) => [{ engine, call: engine + 1 }]);
const entry = (kind: string, engine: string, times: ReturnType<typeof rounds> | null, more = {}) => ({
  kind,
  engine,
  times,
  error: times ? null : 'no kernel',
  memory: 2 ** 20,
  agreement: null,
  profile: [],
  ...more,
});

const result = {
  model: 'net',
  macs: 100e6,
  bytes: { f32: 400, int8: 100 },
  variant: 'relaxed',
  dot: 'usdot',
  threads: 1,
  engineThreads: 1,
  limitOf: { f32: 'relaxed_madd', int8: 'relaxed_dot' },
  limits: { relaxed_madd: [20, 25], relaxed_dot: [100, 80] },
  entries: [
    entry('f32', 'lib0', rounds(8, 10, 12)),
    entry('f32', 'onnxruntime-web', rounds(16, 20, 24), { agreement: 12 }),
    entry('int8', 'lib0', rounds(2, 4, 4)),
    entry('int8', 'onnxruntime-web', null),
  ],
};

interface Row {
  share?: number;
  others: object[];
}

describe('report', () => {
  const limits = limitsOf([result]);
  const [f32, int8] = rowsOf(result, limits) as Row[];

  it('collects limits by name and threads', () => {
    expect(limits).toEqual([
      { name: 'relaxed_madd', threads: 1, median: 22.5, best: 25 },
      { name: 'relaxed_dot', threads: 1, median: 90, best: 100 },
    ]);
  });

  it('gives medians, rates, shares of the limit and ratios', () => {
    expect(f32).toMatchObject({ ms: 10, best: 8, call: 11, gmacs: 10, limit: 25, overFloat: null });
    expect(f32?.share).toBeCloseTo(12.5 / 25);
    expect(f32?.others).toMatchObject([{ ms: 20, ratio: 2, bestRatio: 2 }]);
    expect(int8).toMatchObject({ ms: 4, limit: 100, overFloat: 3 });
    expect(int8?.share).toBeCloseTo(50 / 100);
  });

  it('says what did not run and what does not agree', () => {
    expect(remarks([f32, int8])).toEqual([
      'net f32: outputs of onnxruntime-web agree to 12.0 dB only',
      'net int8: onnxruntime-web: no kernel',
    ]);
  });

  it('prints a table whose lines have one length', () => {
    const lines = speedTable([f32, int8], ['onnxruntime-web']).split('\n');
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[2]).toMatch(/^net +f32 +1 +10\.00 +11\.00 +10\.0 +50 % +- +1 +20\.00 +2\.00x +2\.00x +1$/);
    expect(lines[3]).toMatch(/3\.00x +1 +- +- +- +1$/);
  });

  it('sets the first column to the left, the others to the right', () => {
    const columns: [string, (row: string) => string][] = [
      ['a', (row) => row],
      ['long', (row) => row],
    ];
    expect(textTable(columns, ['xx'])).toBe('a   long\n--------\nxx    xx');
  });

  it('adds a profile up by operator, medians over runs', () => {
    const run = (a: number, b: number, c: number) => [
      { node: 'a', op: 'Conv', integer: true, ms: a },
      { node: 'b', op: 'Conv', integer: true, ms: b },
      { node: 'c', op: 'Relu', integer: false, ms: c },
    ];
    const profile = profileOf([run(1, 2, 5), run(2, 2, 90), run(3, 2, 6)]);
    expect(profile.total).toBe(10);
    expect(profile.operators).toEqual([
      { op: 'Relu', nodes: 1, ms: 6 },
      { op: 'Conv (int)', nodes: 2, ms: 4 },
    ]);
    expect(profile.nodes.map(({ node }: { node: string }) => node)).toEqual(['c', 'a', 'b']);
  });
});
