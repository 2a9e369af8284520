// Running other programs: shown (run) or read (capture), and finding them on PATH (which).
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Problem } from './log.mjs';

export function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/**
 * Starts a program; resolves to {code, out}, where `out` is all it printed. `quiet: false` lets it print for itself;
 * `onData` hears its standard output as it comes.
 */
export function exec(command, args = [], { cwd, env, quiet = true, onData } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
    });
    const chunks = [];
    child.stdout?.on('data', (chunk) => {
      chunks.push(chunk);
      onData?.(chunk.toString());
    });
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    child.on('error', (error) =>
      reject(error.code === 'ENOENT' ? new Problem(`The program ${command} was not found.`) : error),
    );
    child.on('close', (code, signal) => resolve({ code: code ?? signal, out: Buffer.concat(chunks).toString() }));
  });
}

/** Runs a program that has to succeed; its output is shown only when it does not (or always, with quiet: false). */
export async function run(command, args, { sentence, ...options } = {}) {
  const { code, out } = await exec(command, args, options);
  if (code === 0) return out;
  if (/No space left on device|ENOSPC/.test(out)) {
    throw new Problem('The disk is full: make room and run the command again.');
  }
  const tail = out.trimEnd().split('\n').slice(-20).join('\n');
  if (tail) process.stderr.write(`${tail}\n`);
  throw new Problem(sentence ?? `\`${[command, ...args].join(' ')}\` failed with ${code}.`);
}

/** What a program prints, trimmed; null when it is missing or fails. */
export async function capture(command, args = [], options = {}) {
  try {
    const { code, out } = await exec(command, args, options);
    return code === 0 ? out.trim() : null;
  } catch {
    return null;
  }
}
