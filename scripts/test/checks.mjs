// The stage `checks`: what can be said about the sources without building them. Each check counts as one test.
import { checkAddresses } from '../checks/addresses.mjs';
import { checkDocs } from '../checks/docs.mjs';
import { checkFloors } from '../checks/floors.mjs';
import { longFiles } from '../checks/lengths.mjs';
import { exec } from '../lib/exec.mjs';
import { dim, red, say } from '../lib/log.mjs';
import { inRoot } from '../lib/root.mjs';
import { Tally } from './tally.mjs';

async function tool(name, args) {
  const { code, out } = await exec(inRoot('node_modules/.bin', name), args, { cwd: inRoot() });
  return code === 0 ? [] : [out.trim()];
}

const checks = [
  ['includes stay on their floors', checkFloors],
  ['documents name what exists', checkDocs],
  ['no registry and no path of this machine is named', checkAddresses],
  ['Biome: lint and format', () => tool('biome', ['ci', '--colors=off', '--max-diagnostics=30'])],
  ['TypeScript: types', () => tool('tsc', ['-p', '.', '--noEmit', '--pretty', 'false'])],
];

export async function runChecks() {
  const tally = new Tally();
  for (const [name, check] of checks) {
    const problems = await check();
    tally.add(problems.length === 0 ? { passed: 1 } : { failed: 1 });
    if (problems.length > 0) say(`  ${red('failed')}: ${name}\n${problems.map((line) => `    ${line}`).join('\n')}`);
  }
  const long = await longFiles();
  if (long.length > 0) say(dim(`  long files: ${long.map(({ path, lines }) => `${path} (${lines})`).join(', ')}`));
  return tally;
}
