// `npm test`: every stage in order, all of them even when one fails, then one line of totals. `node scripts/test.mjs
// <stages>` runs only those (setup always comes first). HALFTONE_FAST=1 leaves out the native debug build.
import { existsSync } from 'node:fs';
import { buildCli, buildLibrary, buildPage, buildWasm } from './build.mjs';
import { bold, dim, duration, green, main, Problem, red, say } from './lib/log.mjs';
import { setup } from './setup.mjs';
import { runChecks } from './test/checks.mjs';
import { testPreset } from './test/cpp.mjs';
import { Tally } from './test/tally.mjs';
import { testWeb } from './test/web.mjs';

const passedOnce = { passed: 1 };

/** Each stage answers a tally; `needs` names stages that must have succeeded in this run or not be asked for. */
const stages = {
  checks: { title: 'Checks of the sources', run: runChecks },
  debug: { title: 'C++ tests, sanitizers', run: () => testPreset('debug'), slow: true },
  release: { title: 'C++ tests, optimized', run: () => testPreset('release') },
  wasm: {
    title: 'WebAssembly, library, command line and page',
    run: async () => {
      await buildWasm();
      await buildLibrary();
      await buildCli();
      await buildPage();
      return passedOnce;
    },
  },
  wasmtests: {
    title: 'C++ tests as WebAssembly in Node',
    needs: 'wasm',
    run: testWasm,
  },
  web: { title: 'Library and page code', needs: 'wasm', run: () => testWeb(['unit', 'node']) },
  browser: { title: 'The page in Chromium', needs: 'wasm', run: () => testWeb(['browser']) },
};

/** GoogleTest comes as sources in Debian only; elsewhere the native builds have to do. */
async function testWasm() {
  if (!existsSync('/usr/src/googletest')) return { skipped: 1 };
  return testPreset('wasm-simd', { targets: ['all_tests'], configure: true });
}

async function runStage(name, broken) {
  const { title, needs, run } = stages[name];
  say(`\n${bold(`== ${title}`)} ${dim(`(${name})`)}`);
  if (broken.has(needs)) {
    say(red(`  not run: the stage ${needs} failed`));
    return new Tally().add({ failed: 1 });
  }
  const start = performance.now();
  const tally = new Tally();
  try {
    tally.add(await run());
  } catch (error) {
    tally.add({ failed: 1 });
    say(`  ${red('failed')}: ${error instanceof Problem ? error.message : error.stack}`);
  }
  if (tally.failed > 0) broken.add(name);
  say(`  ${tally.failed > 0 ? red(tally) : green(tally)} ${dim(`in ${duration(start)}`)}`);
  return tally;
}

await main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !(name in stages));
  if (unknown) throw new Problem(`There is no stage named ${unknown}: choose from ${Object.keys(stages).join(', ')}.`);
  const fast = Boolean(process.env.HALFTONE_FAST);
  const names = asked.length > 0 ? asked : Object.keys(stages).filter((name) => !(fast && stages[name].slow));

  const start = performance.now();
  say(bold('== Setup'));
  await setup({ testing: true });
  const total = new Tally();
  const broken = new Set();
  for (const name of names) total.add(await runStage(name, broken));

  say(`\n${dim(`${names.length} stages in ${duration(start)}`)}`);
  if (total.run === 0) say(red('Nothing was run.'));
  if (total.failed > 0) say(red(`Failed stages: ${[...broken].join(', ')}`));
  say(`${total}`);
  process.exitCode = total.failed > 0 || total.run === 0 ? 1 : 0;
});
