// The C++ stages: build a preset's tests, run them with ctest, count them by GoogleTest's own reports.
import { rm } from 'node:fs/promises';
import { buildPreset } from '../build.mjs';
import { exec, run } from '../lib/exec.mjs';
import { Problem, say } from '../lib/log.mjs';
import { inRoot } from '../lib/root.mjs';
import { Tally, tallyGoogleTest } from './tally.mjs';

/** `targets`: what to build; `configure`: run CMake even where the build folder is configured already. */
export async function testPreset(preset, { targets = [], configure = false } = {}) {
  if (configure) await run('cmake', ['--preset', preset], { cwd: inRoot() });
  await buildPreset(preset, targets);
  const reports = inRoot('build', preset, 'reports');
  await rm(reports, { recursive: true, force: true });
  const { code, out } = await exec('ctest', ['--preset', preset, '-j', '2'], {
    cwd: inRoot(),
    env: { GTEST_OUTPUT: `json:${reports}/`, UBSAN_OPTIONS: 'print_stacktrace=1' },
  });
  if (/No tests were found/.test(out)) throw new Problem(`The ${preset} build has no tests.`);
  const tally = tallyGoogleTest(reports);
  if (code !== 0) {
    say(failuresOf(out));
    // An executable that crashed left no report.
    if (tally.failed === 0) tally.add({ failed: 1 });
  }
  return new Tally().add(tally);
}

const failuresOf = (out) =>
  out
    .split('\n')
    .filter((line) => !/^\s*(Start\s+\d+:|\d+\/\d+ Test\s+#\d+:.*Passed)/.test(line))
    .slice(0, 200)
    .join('\n');
