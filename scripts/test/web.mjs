// The Vitest stages: one project of tests/web/vitest.config.ts each.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { projectFiles } from '../checks/tracked.mjs';
import { exec } from '../lib/exec.mjs';
import { say } from '../lib/log.mjs';
import { inRoot } from '../lib/root.mjs';
import { Tally, tallyVitest } from './tally.mjs';

export async function testWeb(projects) {
  const tally = new Tally();
  for (const project of projects) tally.add(await testProject(project));
  return tally;
}

async function testProject(project) {
  const tests = await projectFiles((path) => path.startsWith(`tests/web/${project}/`) && /\.test\.tsx?$/.test(path));
  if (tests.length === 0) return new Tally();
  const report = inRoot('build/reports', `vitest-${project}.json`);
  await rm(report, { force: true });
  const { code, out } = await exec(
    inRoot('node_modules/.bin/vitest'),
    [
      'run',
      '--config',
      'tests/web/vitest.config.ts',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { cwd: inRoot(), env: { NO_COLOR: '1' } },
  );
  if (code !== 0) say(out.trimEnd().split('\n').slice(-150).join('\n'));
  const tally = tallyVitest(report);
  if (code !== 0 && tally.failed === 0) tally.add({ failed: 1 });
  return existsSync(report) ? tally : new Tally().add({ failed: 1 });
}
