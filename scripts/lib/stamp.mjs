// Remembers from which inputs something was made: a hash over files (path and content) kept in build/stamps.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inRoot } from './root.mjs';

/** Every file below the given files and folders (relative to the checkout), sorted. */
export async function filesBelow(paths, skip = /(^|\/)(node_modules|dist|build|\.git)(\/|$)/) {
  const found = [];
  for (const path of paths) {
    if (skip.test(path) || !existsSync(inRoot(path))) continue;
    if (statSync(inRoot(path)).isFile()) {
      found.push(path);
      continue;
    }
    for (const name of await readdir(inRoot(path))) found.push(...(await filesBelow([`${path}/${name}`], skip)));
  }
  return found.sort();
}

export async function hashOf(paths, skip) {
  const hash = createHash('sha256');
  for (const file of await filesBelow(paths, skip))
    hash
      .update(`${file}\0`)
      .update(await readFile(inRoot(file)))
      .update('\0');
  return hash.digest('hex');
}

/** Runs `work` unless `output` exists and the hash is that of its last success. Answers whether it ran. */
export async function unlessUnchanged(stamp, hash, output, work) {
  if (existsSync(output) && (await readFile(stamp, 'utf8').catch(() => '')) === hash) return false;
  await work();
  await mkdir(dirname(stamp), { recursive: true });
  await writeFile(stamp, hash);
  return true;
}

export const stampFile = (name) => join(inRoot('build/stamps'), name);
