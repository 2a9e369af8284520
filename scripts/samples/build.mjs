// Makes the sample networks again: `node scripts/samples/build.mjs [names]`, after `npm run build:wasm` and `node scripts/build.mjs library cli`. Data from the library,
// training with PyTorch (Debian's python3-torch; neither the build nor the tests need it), measured by the command line.
// The files and index.json go to web/public/samples. About half an hour for all on one core; `--measure` only measures.
import { copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../lib/exec.mjs';
import { main, Problem, say, step } from '../lib/log.mjs';
import { inRoot, isMain } from '../lib/root.mjs';
import { dump, makers, TEST_SEED } from './dump.mjs';
import { table } from './table.mjs';

const folder = inRoot('build/samples');
const published = (name) => inRoot('web/public/samples', name);
const TEST_COUNT = 2000;

async function train(id) {
  await run('/usr/bin/python3', [inRoot('scripts/samples/train.py'), id, folder], {
    env: { OMP_NUM_THREADS: '1' },
    sentence: `${id} could not be trained: see above. It takes PyTorch: apt-get install python3-torch`,
  });
  copyFileSync(join(folder, `${id}.onnx`), published(`${id}.onnx`));
}

async function evaluate(id, ...args) {
  const out = await run('node', [
    inRoot('dist/cli/halftone.js'),
    'evaluate',
    published(`${id}.onnx`),
    ...args,
    '--json',
  ]);
  return JSON.parse(out)[0];
}

const round = (share) => Math.round(share * 1e4) / 1e4;

async function measured({ classes, ...row }) {
  const { id, data } = row;
  const { accuracy, confusion } = await evaluate(id, '--data', `sample:${data}`, '--limit', String(TEST_COUNT));
  const about = {
    ...row,
    classes: classes ?? [...(await makers())[data]({ count: 0 }).classes],
    bytes: statSync(published(`${id}.onnx`)).size,
    test: { seed: TEST_SEED, count: TEST_COUNT, accuracy: round(accuracy) },
  };
  if (confusion.length !== about.classes.length) throw new Problem(`${id} has ${confusion.length} classes.`);
  const mnist = process.env.HALFTONE_SHARED && join(process.env.HALFTONE_SHARED, 'models/data/mnist');
  if (data !== 'digits' || !mnist || !existsSync(mnist)) return about;
  return { ...about, mnist: round((await evaluate(id, '--data', mnist)).accuracy) };
}

if (isMain(import.meta)) {
  await main(async () => {
    const asked = process.argv.slice(2).filter((name) => !name.startsWith('--'));
    const unknown = asked.find((name) => !table.some(({ id }) => id === name));
    if (unknown)
      throw new Problem(`There is no sample ${unknown}: choose from ${table.map(({ id }) => id).join(', ')}.`);
    if (!process.argv.includes('--measure')) {
      await step('Making the data', () => dump(folder));
      for (const { id } of table)
        if (asked.length === 0 || asked.includes(id)) await step(`Training ${id}`, () => train(id));
    }
    const list = [];
    for (const row of table) list.push(await measured(row));
    writeFileSync(published('index.json'), `${JSON.stringify(list, null, 2)}\n`);
    for (const { id, bytes, test, mnist } of list)
      say(`${id}: ${bytes} bytes, ${test.accuracy}${mnist === undefined ? '' : `, MNIST ${mnist}`}`);
  });
}
