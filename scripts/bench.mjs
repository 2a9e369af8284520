// `npm run bench`: Halftone against onnxruntime-web in one page of Chromium: the same files, the same threads, warm and
// interleaved; what the machine can do at best is measured in the same rounds. `npm run bench -- --help` lists options.
import { existsSync, readFileSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { benchKernels } from './bench/kernels.mjs';
import { parseOptions, usage } from './bench/options.mjs';
import {
  legend,
  limitsOf,
  limitsTable,
  loadingTable,
  profileOf,
  profileTable,
  quantizingTable,
  remarks,
  rowsOf,
  sizesTable,
  speedTable,
} from './bench/report.mjs';
import { openSite } from './bench/site.mjs';
import { buildLibrary, buildWasm } from './build.mjs';
import { bold, clearLine, dim, main, Problem, say, transient } from './lib/log.mjs';
import { inRoot } from './lib/root.mjs';
import { setup } from './setup.mjs';

const RESNET = 'ResNet-50';
const PHOTO_MODEL = 'classify/mobilenetv2-12-dequantized.onnx';
// The first is quantize_static alone.
const PRESETS = ['onnxruntime', 'recommended', 'best_accuracy'];
const PHOTOS = [20, 100];
const PACE = { warm: 500, turn: 50, most: 30_000 };
const QUICK_PACE = { warm: 300, turn: 30, most: 20_000 };

async function sharedModels(shared) {
  if (!shared) return [];
  const folder = join(shared, 'models');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.onnx'))
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** Which models at which numbers of threads: [{model, threads}]. */
function plan({ models, threads, quick }, built, shared) {
  const chosen = (names) => names.filter((name) => models === null || models.test(name));
  const pairs = (names, counts) => counts.flatMap((n) => chosen(names).map((model) => ({ model, threads: n })));
  const two = os.availableParallelism() > 1 ? [1, 2] : [1];
  return [...pairs(built, threads ?? two), ...(quick ? [] : pairs(shared, threads ?? [1]))];
}

async function measureModels(site, options, tasks) {
  const results = [];
  const { variant, peers, profile, runs, quick } = options;
  for (const [i, { model, threads }] of tasks.entries()) {
    transient(`  ${i + 1} of ${tasks.length}: ${model}, ${threads} thread${threads > 1 ? 's' : ''}`);
    const pace = { rounds: runs, ...(quick ? QUICK_PACE : PACE) };
    try {
      const result = await site.call('compareModel', {
        model,
        threads,
        variant,
        peers,
        profile,
        pace,
        libraries: site.libraries,
      });
      // An engine that has no threads would only repeat its row.
      if (threads === 1 || options.threads || result.engineThreads > 1) results.push(result);
    } catch (error) {
      results.push({ model, threads, failed: error.message.split('\n')[0] });
    }
  }
  clearLine();
  return results;
}

async function measureLoading(site, { variant, peers }) {
  const engine = { variant, threads: 1 };
  const rows = [];
  for (const library of site.libraries) {
    rows.push({ engine: library, ...(await site.call('halftoneLoading', RESNET, library, engine)) });
  }
  if (peers) rows.push({ engine: 'onnxruntime-web', ...(await site.call('ortLoading', RESNET, 1)) });
  return rows;
}

/** Presets with few and with many photographs: seconds, and memory that must not grow with their number. */
async function measureQuantizing(site, { variant, threads }, shared) {
  const needed = [PHOTO_MODEL, 'data/imagenet200/imagenet200-224-rgb8.bin.gz'];
  if (!shared || !needed.every((file) => existsSync(join(shared, 'models', file)))) return null;
  const engine = { variant, threads: Math.max(1, ...(threads ?? [])) };
  const rows = [];
  for (const preset of PRESETS) {
    for (const photos of PHOTOS) {
      transient(`  ${PHOTO_MODEL}: ${preset} with ${photos} photographs`);
      rows.push(await site.call('quantizing', PHOTO_MODEL, site.libraries[0], engine, { preset, photos }));
    }
  }
  clearLine();
  return rows;
}

async function wasmSizes(folders) {
  const rows = [];
  for (const [i, folder] of folders.entries()) {
    for (const file of (await readdir(folder)).filter((name) => name.endsWith('.wasm')).sort()) {
      const bytes = readFileSync(join(folder, file));
      const name = folders.length > 1 ? `lib${i}/${file}` : file;
      rows.push({ name, bytes: bytes.length, brotli: brotliCompressSync(bytes).length });
    }
  }
  return rows;
}

const cpu = () => `${os.cpus()[0]?.model ?? 'unknown processor'}, ${os.availableParallelism()} threads`;

function print(report, options) {
  const { results, rows, loading, quantizing, sizes } = report;
  say(`\n${report.machine}\n${report.browser}, ${report.variant}, ${report.dot}\n`);
  say(limitsTable(report.limits));
  const others = [...new Set(rows.flatMap((row) => row.others.map(({ engine }) => engine)))];
  say(
    `\n${speedTable(
      rows.filter(({ ms }) => ms),
      others,
    )}`,
  );
  say(dim(legend));
  for (const line of [...remarks(rows), ...report.failures]) say(`  ${line}`);
  if (loading) say(`\n${bold('ResNet-50 from its bytes to the first result')}\n${loadingTable(loading)}`);
  if (quantizing) say(`\n${bold('MobileNetV2 quantized')}\n${quantizingTable(quantizing)}`);
  say(`\n${sizesTable(sizes)}`);
  if (!options.profile) return;
  for (const { model, threads, entries } of results) {
    for (const { kind, engine, profile } of entries.filter((entry) => entry.profile.length > 0)) {
      say(`\n${bold(`${model}, ${kind}, ${engine}, ${threads} threads`)}\n${profileTable(profileOf(profile))}`);
    }
  }
}

async function measureAll(options) {
  const shared = process.env.HALFTONE_SHARED;
  const folders = [inRoot('dist/lib'), ...options.libraries];
  const site = await openSite(folders, shared);
  try {
    const tasks = plan(options, await site.call('builtModels'), await sharedModels(shared));
    if (tasks.length === 0) throw new Problem(`No model is named like ${options.models}.`);
    const all = await measureModels(site, options, tasks);
    const results = all.filter((result) => !result.failed);
    const limits = limitsOf(results);
    const wants = (model) => !options.quick && (options.models === null || options.models.test(model));
    return {
      machine: cpu(),
      browser: site.version,
      variant: results[0]?.variant,
      dot: results[0]?.dot,
      limits,
      rows: results.flatMap((result) => rowsOf(result, limits)),
      failures: all.filter(({ failed }) => failed).map(({ model, failed }) => `${model}: ${failed}`),
      loading: wants(RESNET) ? await measureLoading(site, options) : null,
      quantizing: wants(PHOTO_MODEL) ? await measureQuantizing(site, options, shared) : null,
      sizes: await wasmSizes(folders),
      results,
    };
  } finally {
    await site.close();
  }
}

async function benchModels(options) {
  if (options.build) {
    await buildWasm();
    await buildLibrary();
  }
  const report = await measureAll(options);
  print(report, options);
  return report;
}

await main(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return say(usage);
  if (options.build) await setup({ testing: true });
  const report = await (options.kernels ? benchKernels(options) : benchModels(options));
  if (!options.json) return;
  await writeFile(options.json, JSON.stringify(report, null, 1));
  say(`\nEverything measured is in ${options.json}`);
});
