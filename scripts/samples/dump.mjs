// Writes the training and test splits of the sample networks for train.py: `<set>-<split>.data` (the bytes of the array)
// and `.json` (type, dims, labels). Made by the built library, so that training sees what the page makes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../lib/root.mjs';

export const TEST_SEED = 2;

const splits = [
  ['train', { digits: 40000, shapes: 40000, points: 6000 }, 1],
  ['test', { digits: 2000, shapes: 2000, points: 2000 }, TEST_SEED],
];

/** By the name of the set. */
export async function makers() {
  const { makeDigits, makeShapes, makePoints } = await import(inRoot('dist/lib/halftone.js'));
  return { digits: makeDigits, shapes: makeShapes, points: makePoints };
}

export async function dump(folder) {
  const sets = Object.entries(await makers());
  mkdirSync(folder, { recursive: true });
  for (const [split, counts, seed] of splits) {
    for (const [name, make] of sets) {
      const { data, labels } = make({ count: counts[name], seed });
      const path = join(folder, `${name}-${split}`);
      writeFileSync(`${path}.data`, new Uint8Array(data.data.buffer));
      writeFileSync(`${path}.json`, JSON.stringify({ type: data.type, dims: data.dims, labels }));
    }
  }
}
