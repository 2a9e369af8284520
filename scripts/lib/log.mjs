// What a script says: one line when a long step begins, one when it ends with the time it took. A Problem is something
// the person at the keyboard can act on: it is printed as its one sentence, without a stack trace.

export class Problem extends Error {}

const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = (text) => paint(1, text);
export const dim = (text) => paint(2, text);
export const red = (text) => paint(31, text);
export const green = (text) => paint(32, text);

export const say = (line = '') => process.stdout.write(`${line}\n`);

/** A line that the next one replaces; only a terminal sees it. */
export function transient(line) {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${dim(line)}`);
}

export const clearLine = () => process.stdout.isTTY && process.stdout.write('\r\x1b[K');

export function duration(since) {
  const seconds = (performance.now() - since) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Runs `work` between a line that says what is done and one that says how long it took. */
export async function step(title, work) {
  const start = performance.now();
  say(`${bold('•')} ${title} ...`);
  const result = await work();
  say(dim(`  done in ${duration(start)}`));
  return result;
}

/** The outermost frame of every script: problems become one sentence and exit code 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    process.stdout.write('');
    process.stderr.write(`${red('Problem:')} ${describe(error)}\n`);
    process.exitCode = 1;
  }
}

function describe(error) {
  if (error instanceof Problem) return error.message;
  if (error?.code === 'ENOSPC') return 'The disk is full: make room and run the command again.';
  if (error?.code === 'EACCES' || error?.code === 'EPERM') return `No permission for ${error.path ?? 'a file'}.`;
  return process.env.HALFTONE_DEBUG ? error.stack : `${error.message} (HALFTONE_DEBUG=1 shows where)`;
}
