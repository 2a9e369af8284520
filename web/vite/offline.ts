// A Vite plugin for what makes the site work from any host and without one: the policy in the page itself, and the list of
// built files in the service worker.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { exceptions, metaPolicy, pageHeaders } from '../../scripts/lib/headers.mjs';

/** Larger ones are kept when they are first used. */
const MOST_BYTES = 2e6;
const PLACE = '__HALFTONE_BUILD__';

/** Everything but source maps and the service worker itself, in a fixed order. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.map$|^sw\.js$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}

/** Writes the list of the folder's files into a service worker that has none yet. */
export function listFiles(folder: string, source: string): void {
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('base64');
  const paths = filesOf(folder);
  const build = {
    files: Object.fromEntries(paths.map((path) => [path, hash(path)])),
    later: paths.filter((path) => statSync(join(folder, path)).size > MOST_BYTES),
    headers: pageHeaders,
    exceptions: exceptions.map(({ pattern, headers }) => ({ pattern: pattern.source, headers })),
  };
  if (!source.includes(PLACE) || /^import /m.test(source)) throw new Error('sw.js is not the one file it has to be');
  // Inside of a string in quotes of one kind or the other.
  const json = JSON.stringify(build).replace(/[\\'"`]/g, (character) => `\\${character}`);
  writeFileSync(
    join(folder, 'sw.js'),
    source.replace(PLACE, () => json),
  );
}

export function offlinePlugin(): Plugin {
  let folder = '';
  return {
    name: 'halftone-offline',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: metaPolicy },
        injectTo: 'head-prepend',
      },
    ],
    closeBundle: {
      order: 'post',
      sequential: true,
      handler: () => listFiles(folder, readFileSync(join(folder, 'sw.js'), 'utf8')),
    },
  };
}
