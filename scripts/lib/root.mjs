// The checkout this script belongs to, whatever the current folder is.
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const inRoot = (...parts) => join(root, ...parts);

/** Whether the module with this import.meta is the program that was started, and not imported by another. */
export const isMain = (meta) => Boolean(process.argv[1]) && realpathSync(process.argv[1]) === fileURLToPath(meta.url);
