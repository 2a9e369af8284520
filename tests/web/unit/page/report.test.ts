// The report's histograms, small charts and tables.
import { afterEach, describe, expect, it } from 'vitest';
import { quantizedHistogram, withHistogramsAfter } from '../../../../web/src/engine/quantized_histogram';
import type { LayerDiff, Risk, StepReport, TensorFacts } from '../../../../web/src/engine/types';
import { reportHtml } from '../../../../web/src/results/report';
import { histogramSvg } from '../../../../web/src/results/sparkline';
import type { Results } from '../../../../web/src/state/app';
import { scanned } from '../../../../web/src/state/layers';
import { reportTables } from '../../../../web/src/state/report_tables';
import { risks } from '../../../../web/src/state/risks';

const tensor = (facts: Partial<TensorFacts>): TensorFacts => ({
  name: 'h',
  group: 0,
  type: 'uint8',
  levels: 4,
  low: 0,
  high: 3,
  scale: 1,
  zeroPoint: 0,
  ...facts,
});

describe('the histogram after quantization', () => {
  const histogram = { low: 0, high: 4, counts: [0, 0, 8, 0, 0, 0, 0, 4] };

  it('lies on the codes, and what is beyond them on the last one', () => {
    // 1 to 1.5 goes to 1, where a code lies at the lower end of its bin; 3.5 to 4 is beyond 3.
    expect(quantizedHistogram(tensor({ histogram }))).toEqual({ low: 0, high: 4, counts: [0, 0, 8, 0, 0, 0, 4, 0] });
  });

  it('knows signed codes, and leaves none of the values out', () => {
    const signed = tensor({ type: 'int8', levels: 3, scale: 2, histogram: { low: -4, high: 4, counts: [1, 2, 3, 4] } });
    const after = quantizedHistogram(signed);
    expect(after?.counts.reduce((a, b) => a + b)).toBe(10);
    expect(after?.counts).toEqual([0, 2, 2.5, 5.5]);
  });

  it('stands beside the one before in a report', () => {
    const step = { pass: 'q', params: {}, bytesBefore: 1, bytesAfter: 1, warnings: [] };
    const report = withHistogramsAfter({ recipe: [], steps: [{ ...step, tensors: [tensor({ histogram })] }, step] });
    const [first, second] = report.steps as [StepReport, StepReport];
    expect((first.tensors as TensorFacts[])[0]?.histogramAfter?.counts).toHaveLength(8);
    expect(second).toEqual(step);
  });
});

it('a small chart has a bar for each count, and a line for what came of it', () => {
  expect(histogramSvg([1, 0, 3], undefined).match(/M/g)).toHaveLength(2);
  expect(histogramSvg([1, 0, 3], [0, 2, 2])).toContain('stroke=');
});

describe('the tables', () => {
  afterEach(() => {
    scanned.value = null;
    risks.value = null;
  });

  const layer: LayerDiff = {
    name: 'h',
    op: 'Conv',
    elements: 8,
    sqnr: 30,
    cosine: 0.9,
    maxAbsError: 1,
    channelSqnr: [30, null, 12],
    channelCosine: [0.99, 1, 0.8],
    channelMaxError: [0.1, 0, 0.7],
  };
  const step = (facts: object) => ({
    stepId: 1,
    bytes: 10,
    report: { pass: 'p', params: {}, bytesBefore: 20, bytesAfter: 10, warnings: [], ...facts },
  });
  const run = (...stepResults: object[]) => ({ stepResults, comparison: { layers: [layer] } }) as unknown as Results;
  const titles = (shown: Results) => reportTables(shown).map(({ title }) => title);

  it('say only what is known', () => {
    expect(titles(run(step({})))).toEqual(['What every step did', 'Error along the network', 'SQNR by channel']);
    const [, , channels] = reportTables(run(step({})));
    expect(channels?.rows[0]?.slice(0, 5)).toEqual([
      'h',
      '3',
      'channel 3: 12.0 dB; channel 1: 30.0 dB; channel 2: equal',
      '0.8000',
      '0.7',
    ]);
  });

  it('have risks, weights, histograms, the scan and the allocation', () => {
    const risk: Risk = {
      id: 'ends',
      severity: 'low',
      message: 'The ends',
      where: 'a',
      count: 1,
      nodes: ['<a>'],
      hint: 'Leave them.',
      step: null,
    };
    risks.value = [risk];
    scanned.value = { layers: [{ node: 'a', sqnr: 20 }], suggestion: { nodes: ['a'], gain: 3, bytes: 2000 } };
    const weights = [{ name: 'w', node: 'a', levels: 15, sqnr: 20, dead: [1], channels: { sqnr: [20, null] } }];
    const histogram = { low: 0, high: 1, counts: [1, 2] };
    const allocated = [{ node: 'a', op: 'Conv', elements: 4, bits: 4, widths: [{ bits: 4, sqnr: 20 }] }];
    const shown = run(
      step({ weights, tensors: [tensor({ histogram, histogramAfter: histogram })] }),
      step({ front: [], meanBits: 4, bytes: 2, layers: allocated }),
    );
    const tables = reportTables(shown);
    expect(tables.map(({ title }) => title)).toEqual([
      'What every step did',
      'Risks before you begin',
      'Error along the network',
      'SQNR by channel',
      'SQNR of the weight by channel',
      'Values before and after',
      'Sensitivity',
      'Bits of each layer',
    ]);
    const html = reportHtml({
      lang: 'en',
      title: '',
      made: '',
      facts: [],
      charts: [],
      tables,
      recipeTitle: '',
      recipe: '',
    });
    expect(html).toContain('&lt;a&gt;');
    expect(html).toContain('Leave this layer in float: gains 3.0 dB, costs 2 kB.');
    expect(html).toMatch(/<td><svg [^>]*>/);
    expect(html).not.toMatch(/(src|href)=/);
  });
});
