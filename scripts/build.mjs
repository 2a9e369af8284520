// Builds what is asked for (`node scripts/build.mjs wasm library cli page`; all without arguments): the wasm variants
// with CMake and ninja, then the library, the command line and the page with Vite. What is up to date costs next to nothing.
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import { exec, run } from './lib/exec.mjs';
import { clearLine, main, Problem, say, step, transient } from './lib/log.mjs';
import { inRoot, isMain } from './lib/root.mjs';
import { filesBelow, hashOf, stampFile, unlessUnchanged } from './lib/stamp.mjs';
import { setup } from './setup.mjs';

export const variants = ['simd', 'relaxed', 'simd-threads', 'relaxed-threads'];

/** Configures where needed and builds one CMake preset. Answers whether anything was compiled. */
export async function buildPreset(preset, targets = []) {
  const folder = inRoot('build', preset);
  if (!existsSync(`${folder}/build.ninja`)) {
    await run('cmake', ['--preset', preset], {
      cwd: inRoot(),
      sentence: `CMake could not configure \`${preset}\`: see above.`,
    });
  }
  const jobs = String(os.availableParallelism());
  const { code, out } = await exec('ninja', ['-C', folder, '-j', jobs, ...targets], { onData: showProgress });
  clearLine();
  if (code !== 0) {
    process.stderr.write(`${compilerErrors(out)}\n`);
    throw new Problem(`The ${preset} build failed: see above, or \`ninja -C build/${preset}\`.`);
  }
  return !/ninja: no work to do/.test(out);
}

/** Ninja's `[done/total]` on one line that is written over, in a terminal. */
function showProgress(text) {
  const count = /^\[(\d+)\/(\d+)\]/gm;
  const last = [...text.matchAll(count)].at(-1);
  if (last) transient(`  ${last[1]} of ${last[2]} build steps`);
}

/** Ninja's report without the lines of what went well. */
function compilerErrors(out) {
  const lines = out.split('\n').filter((line) => !/^\[\d+\/\d+\] (Building|Linking|Generating|Re-)/.test(line));
  return lines.slice(0, 80).join('\n');
}

export async function buildWasm() {
  for (const variant of variants) {
    const title = `Building the core for WebAssembly (${variant})`;
    await step(title, () => buildPreset(`wasm-${variant}`));
  }
}

const webInputs = ['web', 'package-lock.json', 'tsconfig.json', 'scripts/lib/headers.mjs'];

async function webHash() {
  const built = (
    await filesBelow(
      variants.map((variant) => `build/wasm-${variant}`),
      /CMakeFiles|generated|_deps/,
    )
  ).filter((file) => /\/halftone-[\w-]+\.(mjs|wasm)$/.test(file));
  return hashOf([...webInputs, ...built], /node_modules/);
}

export async function buildLibrary() {
  await unlessUnchanged(stampFile('library'), await webHash(), inRoot('dist/lib/halftone.js'), () =>
    step('Building the library (dist/lib)', async () => {
      await vite('library');
      await writeTypes();
    }),
  );
}

export async function buildCli() {
  await unlessUnchanged(stampFile('cli'), await webHash(), inRoot('dist/cli/halftone.js'), () =>
    step('Building the command line (dist/cli)', async () => {
      await vite('cli');
      await chmod(inRoot('dist/cli/halftone.js'), 0o755);
    }),
  );
}

export async function buildPage() {
  await unlessUnchanged(stampFile('page'), await webHash(), inRoot('dist/site/index.html'), () =>
    step('Building the page (dist/site)', () => vite('page')),
  );
}

const bin = (name) => inRoot('node_modules/.bin', name);

const vite = (config) =>
  run(bin('vite'), ['build', '--config', `web/vite/${config}.config.ts`, '--logLevel', 'warn'], {
    cwd: inRoot(),
    sentence: `Vite could not build the ${config}: see above.`,
  });

/** dist/lib/halftone.d.ts and the declarations it stands on. */
async function writeTypes() {
  await run(bin('tsc'), ['-p', 'web/vite/library.tsconfig.json'], {
    cwd: inRoot(),
    sentence: 'The library does not type-check: see above.',
  });
  const folder = inRoot('dist/lib/types');
  for (const name of (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.d.ts'))) {
    // Node's own resolution, unlike a bundler's, wants the extension.
    const text = await readFile(`${folder}/${name}`, 'utf8');
    await writeFile(`${folder}/${name}`, text.replace(/(from '|import\(")(\.\.?\/[\w/-]+)(['"])/g, '$1$2.js$3'));
  }
  await writeFile(inRoot('dist/lib/halftone.d.ts'), "export * from './types/index.js';\n");
}

const parts = { wasm: buildWasm, library: buildLibrary, cli: buildCli, page: buildPage };

if (isMain(import.meta)) {
  await main(async () => {
    const asked = process.argv.slice(2);
    const unknown = asked.find((name) => !(name in parts));
    if (unknown) throw new Problem(`There is no part named ${unknown}: choose from ${Object.keys(parts).join(', ')}.`);
    await setup();
    for (const name of asked.length > 0 ? asked : Object.keys(parts)) await parts[name]();
    say('Built.');
  });
}
