// The engine and the models of one command.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Halftone } from '../src/engine/index';
import type { Engine, HalftoneModel } from '../src/engine/types';
import type { Args, Option } from './options';
import { clearProgress, showProgress } from './progress';

export const engineOptions: Record<string, Option> = {
  threads: { value: 'n', help: 'at most so many; default: what pays on this machine' },
  external: { value: 'file', help: 'a file of weights that the model names; may be given again', multiple: true },
  json: { value: null, help: 'print JSON' },
};

/** Runs `work` with an engine, which ends with it. */
export async function withEngine(args: Args, work: (engine: Engine) => Promise<void>): Promise<void> {
  const threads = args.count('threads');
  const engine = await Halftone.create(threads === undefined ? {} : { threads });
  try {
    await work(engine);
  } finally {
    clearProgress();
    engine.dispose();
  }
}

export async function loadModel(engine: Engine, path: string, args: Args): Promise<HalftoneModel> {
  const bytes = async (file: string) => new Uint8Array(await readFile(file));
  const external = await Promise.all(
    args.list('external').map(async (file) => [basename(file), await bytes(file)] as const),
  );
  return engine.load(await bytes(path), { externalData: Object.fromEntries(external), onProgress: showProgress });
}

export const print = (text: string): boolean => process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): boolean => print(JSON.stringify(value, null, 2));

/** Columns under each other; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => String(row[c] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((cell, c) =>
          typeof cell === 'number' ? String(cell).padStart(widths[c] ?? 0) : cell.padEnd(widths[c] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
