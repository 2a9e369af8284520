// The command line as a person calls it: its own process, real files, exit codes, what goes to which stream.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'jpeg-js';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inRoot } from '../../../scripts/lib/root.mjs';
import { writeNpy } from '../../../web/src/inputs/npy';
import { writeNpz } from '../../../web/src/inputs/npz';
import { Halftone, type Tensor } from '../support/library';
import { CLASSES, tinyFeeds, tinyModel } from '../support/tiny';

let folder: string;
const at = (name: string) => join(folder, name);
const COUNT = 12;
/** Twelve items of the tiny model's input, as one array. */
const items = (): Tensor => ({ ...(tinyFeeds(3, COUNT).x as Tensor) });

function halftone(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [inRoot('dist/cli/halftone.js'), ...args], {
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'halftone-cli-'));
  writeFileSync(at('tiny.onnx'), tinyModel());
  writeFileSync(at('recipe.json'), JSON.stringify([{ pass: 'quantize_static', activation_observer: 'minmax' }]));
  mkdirSync(at('calibration'));
  writeFileSync(join(folder, 'calibration', 'x.npy'), writeNpy(items()));
  const labels: Tensor = {
    type: 'int64',
    dims: [COUNT],
    data: new BigInt64Array(COUNT).map((_, i) => BigInt(i % CLASSES)),
  };
  writeFileSync(at('labelled.npz'), writeNpz({ x: items(), y: labels }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('halftone apply', () => {
  it('writes the file that the library makes of the same recipe and data', async () => {
    const args = ['recipe.json', 'tiny.onnx', '-o', 'small.onnx'].map((arg) => (arg === '-o' ? arg : at(arg)));
    const { code, out, err } = halftone('apply', ...args, '--calibration', at('calibration'), '--report', at('r.json'));
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^quantize_static: .* -> .*\n.*small\.onnx: [\d.]+ kB, \d+ % of/);
    const engine = await Halftone.create();
    const model = await engine.load(tinyModel());
    const all = items().data as Float32Array;
    const calibration = Array.from({ length: COUNT }, (_, i) => ({
      x: { type: 'float32' as const, dims: [1, 3, 8, 8], data: all.slice(i * 192, (i + 1) * 192) },
    }));
    const small = await model.apply([{ pass: 'quantize_static', activation_observer: 'minmax' }], { calibration });
    expect(new Uint8Array(readFileSync(at('small.onnx')))).toEqual(await small.export());
    expect(JSON.parse(readFileSync(at('r.json'), 'utf8'))).toEqual(small.report);
    engine.dispose();
  });

  it('takes the recipe out of a report, and random data', () => {
    const args = [at('r.json'), at('tiny.onnx'), '-o', at('again.onnx'), '--random', '4', '--json'];
    const { code, out } = halftone('apply', ...args);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      output: at('again.onnx'),
      report: { recipe: [{ pass: 'quantize_static' }] },
    });
  });

  it('gives steps that measure accuracy the labels of the data', () => {
    writeFileSync(at('scan.json'), '[{"pass": "fall_back", "nodes": 1}, {"pass": "quantize_static"}]');
    const args = [at('scan.json'), at('tiny.onnx'), '-o', at('scan.onnx'), '--json'];
    const { out } = halftone('apply', ...args, '--calibration', at('labelled.npz'));
    expect(JSON.parse(out).report.steps[0].after).toHaveProperty('accuracy');
    const without = halftone('apply', ...args, '--calibration', at('calibration'));
    expect(JSON.parse(without.out).report.steps[0].after).not.toHaveProperty('accuracy');
  });

  it('wants no data for steps that look at none as they are set', () => {
    writeFileSync(at('blind.json'), '[{"pass": "equalize", "by": "weights"}, {"pass": "quantize_weights"}]');
    const { code, err } = halftone('apply', at('blind.json'), at('tiny.onnx'), '-o', at('blind.onnx'));
    expect([code, err]).toEqual([0, '']);
  });

  it('says what is missing or wrong', () => {
    const model = at('tiny.onnx');
    const apply = (recipe: string, ...more: string[]) => {
      writeFileSync(at('wrong.json'), recipe);
      return halftone('apply', at('wrong.json'), model, '-o', at('x.onnx'), ...more);
    };
    expect(apply('[{"pass": "quantize_static"}]')).toMatchObject({
      code: 2,
      err: expect.stringContaining('This recipe looks at data.'),
    });
    expect(apply('[{"pass": "quantize_weights", "method": "gptq"}]').code).toBe(2);
    expect(apply('[{"pass": "quantise"}]', '--random', '1')).toMatchObject({
      code: 1,
      err: expect.stringContaining('quantise'),
    });
    expect(apply('{"steps": 1}')).toMatchObject({ code: 1, err: expect.stringContaining('a list of steps') });
    expect(apply('not json')).toMatchObject({ code: 1, err: expect.stringContaining('no JSON') });
    expect(apply('[]', '--format', 'tflite')).toMatchObject({
      code: 2,
      err: expect.stringContaining('qdq, qoperator'),
    });
    expect(halftone('apply', at('recipe.json'), model).code).toBe(2);
  });
});

describe('halftone inspect', () => {
  it('prints what the library says', () => {
    const { code, out } = halftone('inspect', at('tiny.onnx'));
    expect(code).toBe(0);
    expect(out).toContain('input   x: float32 [batch, 3, 8, 8]');
    expect(out).toMatch(/^Conv\s+1$/m);
    expect(JSON.parse(halftone('inspect', at('tiny.onnx'), '--json').out)).toMatchObject({ nodes: 5, opset: 13 });
  });

  it('refuses files that are no model, or are not there', () => {
    expect(halftone('inspect', at('recipe.json'))).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^halftone: /),
    });
    expect(halftone('inspect', at('none.onnx'))).toMatchObject({
      code: 1,
      err: `halftone: There is no file ${at('none.onnx')}.\n`,
    });
  });
});

describe('halftone risks', () => {
  it('prints what the library finds, with the step that answers it', () => {
    const { code, out } = halftone('risks', at('tiny.onnx'));
    expect(code).toBe(0);
    expect(out).toMatch(/^low +The first and the last layer[^\n]*\n +conv, classify\n/m);
    expect(out).toContain('{"pass":"quantize_static","overrides":[{"where":"conv","weight_bits":8}');
    const { findings } = JSON.parse(halftone('risks', at('tiny.onnx'), '--json').out);
    expect(findings).toContainEqual(expect.objectContaining({ id: 'ends', nodes: ['conv', 'classify'] }));
  });
});

describe('halftone sensitivity', () => {
  it('tries every layer, with the labels of the data', () => {
    const args = [at('tiny.onnx'), '--calibration', at('labelled.npz')];
    const { code, out } = halftone('sensitivity', ...args, '--feeds', '5');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^layer +operator +signal to noise +divergence +agreement +accuracy +gain in float +that costs$/m,
    );
    expect(out).toMatch(/^classify +Gemm +[\d.]+ dB/m);
    expect(out).toMatch(/^all layers +[\d.]+ dB/m);
    expect(out).toMatch(/^Leave in float: /m);
    const found = JSON.parse(halftone('sensitivity', ...args, '--json').out);
    expect(found).toMatchObject({ feeds: 8, all: { accuracy: expect.any(Number) } });
  });

  it('takes the quantizing step of a recipe', () => {
    writeFileSync(
      at('few.json'),
      '[{"pass": "equalize", "by": "weights"}, {"pass": "quantize_static", "weight_bits": 3}]',
    );
    const few = halftone('sensitivity', at('tiny.onnx'), '--recipe', at('few.json'), '--random', '4', '--json');
    const eight = halftone('sensitivity', at('tiny.onnx'), '--random', '4', '--json');
    expect(JSON.parse(few.out).all.sqnr).toBeLessThan(JSON.parse(eight.out).all.sqnr - 6);
    writeFileSync(at('none.json'), '[{"pass": "quantize_weights"}]');
    const wrong = (...more: string[]) => halftone('sensitivity', at('tiny.onnx'), ...more);
    expect(wrong('--recipe', at('none.json'), '--random', '4')).toMatchObject({ code: 2 });
    expect(wrong()).toMatchObject({ code: 2, err: expect.stringContaining('Layers are tried on data.') });
  });
});

describe('halftone compare', () => {
  it('finds a model equal to itself, and a small one not', () => {
    const equal = halftone('compare', at('tiny.onnx'), at('tiny.onnx'), '--json');
    expect(JSON.parse(equal.out)).toMatchObject({ runs: 1, outputs: [{ name: 'scores', sqnr: null }] });
    const args = [at('tiny.onnx'), at('small.onnx'), '--data', at('calibration'), '--json'];
    const { runs, outputs, layers } = JSON.parse(halftone('compare', ...args).out);
    expect(runs).toBe(8);
    expect(outputs[0].sqnr).toBeGreaterThan(20);
    expect(layers.length).toBeGreaterThan(1);
    expect(halftone('compare', at('tiny.onnx'), at('small.onnx')).out).toMatch(/scores\s+Gemm\s+[\d.]+ dB/);
  });
});

describe('halftone evaluate', () => {
  it('measures several models on one archive', () => {
    const args = [at('tiny.onnx'), at('small.onnx'), '--data', at('labelled.npz'), '--json'];
    const results = JSON.parse(halftone('evaluate', ...args).out);
    expect(results).toMatchObject([{ samples: COUNT }, { samples: COUNT }]);
    expect(results[0].confusion.flat().reduce((a: number, b: number) => a + b)).toBe(COUNT);
    expect(halftone('evaluate', ...args.slice(0, -1), '--confusion').out).toContain('columns: what it was taken for');
  });

  it('reads PNG and JPEG pictures out of a folder for each class', () => {
    for (const name of ['0', '1']) mkdirSync(join(folder, 'pictures', name), { recursive: true });
    const png = new PNG({ width: 8, height: 8 });
    png.data.fill(200);
    writeFileSync(join(folder, 'pictures', '0', 'a.png'), PNG.sync.write(png));
    const jpeg = encode({ width: 16, height: 8, data: Buffer.alloc(512, 90) }, 95).data;
    writeFileSync(join(folder, 'pictures', '1', 'b.jpg'), jpeg);
    const { code, out } = halftone('evaluate', at('tiny.onnx'), '--data', at('pictures'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ samples: 2 }]);
    writeFileSync(join(folder, 'pictures', '1', 'c.png'), 'no picture');
    expect(halftone('evaluate', at('tiny.onnx'), '--data', at('pictures'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('neither a PNG nor a JPEG picture. (1/c.png)'),
    });
  });

  it('needs labels', () => {
    expect(halftone('evaluate', at('tiny.onnx'), '--data', at('calibration'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('This data has no labels.'),
    });
  });
});

describe('halftone', () => {
  it('helps, as a whole and with each command', () => {
    expect(halftone('--help')).toMatchObject({ code: 0, out: expect.stringContaining('evaluate'), err: '' });
    expect(halftone()).toMatchObject({ code: 2, err: '' });
    for (const command of ['apply', 'inspect', 'risks', 'sensitivity', 'compare', 'evaluate'])
      expect(halftone(command, '--help')).toMatchObject({
        code: 0,
        out: expect.stringContaining(`halftone ${command}`),
      });
  });

  it('refuses commands and options that there are not', () => {
    expect(halftone('shrink')).toMatchObject({ code: 2, err: expect.stringContaining('Commands: apply') });
    expect(halftone('inspect', at('tiny.onnx'), '--fast')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--fast'),
    });
    expect(halftone('inspect', at('tiny.onnx'), '--threads', 'all')).toMatchObject({ code: 2 });
  });
});
