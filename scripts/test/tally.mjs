// Counts of passed, failed and skipped tests, and how each test runner's report becomes such counts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export class Tally {
  passed = 0;
  failed = 0;
  skipped = 0;

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.passed += passed;
    this.failed += failed;
    this.skipped += skipped;
    return this;
  }

  get run() {
    return this.passed + this.failed;
  }

  toString() {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** GoogleTest's JSON reports in a folder, one per executable. */
export function tallyGoogleTest(folder) {
  const tally = new Tally();
  const reports = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  for (const name of reports) {
    for (const suite of readJson(join(folder, name)).testsuites) {
      for (const test of suite.testsuite) {
        if (test.failures) tally.failed += 1;
        else if (test.status !== 'RUN' || test.result === 'SKIPPED') tally.skipped += 1;
        else tally.passed += 1;
      }
    }
  }
  return tally;
}

/** Vitest's JSON report; a file that could not be loaded counts as one failure. */
export function tallyVitest(path) {
  const tally = new Tally();
  if (!existsSync(path)) return tally.add({ failed: 1 });
  for (const file of readJson(path).testResults) {
    const count = (...states) => file.assertionResults.filter(({ status }) => states.includes(status)).length;
    const failed = count('failed');
    tally.add({
      passed: count('passed'),
      failed: failed === 0 && file.status === 'failed' ? 1 : failed,
      skipped: count('skipped', 'pending', 'todo', 'disabled'),
    });
  }
  return tally;
}
