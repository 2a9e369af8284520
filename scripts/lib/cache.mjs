// The cache folder outside the checkout ($HALFTONE_CACHE, $XDG_CACHE_HOME/halftone or ~/.cache/halftone): what was
// fetched or built once for every clone on this machine. cmake/cache_dir.cmake follows the same rule.
//
// An entry is a folder whose name carries its version. It is made under a temporary name and renamed when complete, so
// that a folder with the right name is always whole and an interrupted one is simply made again.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export const cacheDir = resolve(
  process.env.HALFTONE_CACHE ||
    (process.env.XDG_CACHE_HOME ? join(process.env.XDG_CACHE_HOME, 'halftone') : join(homedir(), '.cache', 'halftone')),
);

export const cached = (name) => join(cacheDir, name);

/** Entries `<prefix>-<version>`, newest version first. */
export async function cachedVersions(prefix) {
  const names = existsSync(cacheDir) ? await readdir(cacheDir) : [];
  return names
    .filter((name) => name.startsWith(`${prefix}-`) && /^[0-9]/.test(name.slice(prefix.length + 1)))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map(cached);
}

/** Calls `work(folder)` with a new empty folder that is removed afterwards. */
export async function withTemporary(work) {
  const folder = cached(`.tmp-${process.pid}-${Date.now()}`);
  await mkdir(folder, { recursive: true });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Moves a finished folder to its name in the cache; one that another process finished first is kept. */
export async function publish(folder, name) {
  const target = cached(name);
  try {
    await rename(folder, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** Removes temporary folders whose process is gone. */
export async function sweep() {
  for (const name of existsSync(cacheDir) ? await readdir(cacheDir) : []) {
    const pid = Number(/^\.tmp-(\d+)-/.exec(name)?.[1]);
    if (pid && !isRunning(pid)) await rm(cached(name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
