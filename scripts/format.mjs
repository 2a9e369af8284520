// `npm run format`: Biome over the web code and the scripts, clang-format (where there is one) over the C++ code.
import { exec, run, which } from './lib/exec.mjs';
import { main, say } from './lib/log.mjs';
import { inRoot } from './lib/root.mjs';
import { filesBelow } from './lib/stamp.mjs';

await main(async () => {
  const { code, out } = await exec(inRoot('node_modules/.bin/biome'), ['check', '--write'], { cwd: inRoot() });
  if (code !== 0) say(out);
  if (!which('clang-format')) return say('clang-format is not installed: C++ files are left as they are.');
  const sources = (await filesBelow(['core', 'wasm', 'tests'])).filter((file) => /\.(cc|h)$/.test(file));
  if (sources.length > 0) await run('clang-format', ['-i', ...sources], { cwd: inRoot() });
});
