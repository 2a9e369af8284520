// `halftone <command> ...`: the library on the command line. Results go to standard output, progress and problems to
// standard error. Exit codes: 0 done, 1 a file, a model or a recipe is not right, 2 the command was not understood.

import { apply } from './commands/apply';
import { compare } from './commands/compare';
import { evaluate } from './commands/evaluate';
import { inspect } from './commands/inspect';
import { risks } from './commands/risks';
import { sensitivity } from './commands/sensitivity';
import { type Command, parse, UsageError, usageOf } from './options';
import { clearProgress } from './progress';

const commands: Record<string, Command> = { apply, inspect, risks, sensitivity, compare, evaluate };

function overview(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  return [
    'Halftone quantizes ONNX models, compares them and measures them.',
    '',
    'Usage: halftone <command> ...   (halftone <command> --help says more)',
    '',
    ...rows,
    '',
  ].join('\n');
}

interface Fields {
  name?: string;
  message?: string;
  where?: string;
  hint?: string;
  code?: string;
  path?: string;
  cause?: Fields;
}

/** What a data set threw comes wrapped by the engine, which does not know this program's class of errors. */
const innermost = (error: Fields): Fields => (error.cause?.name === 'HalftoneError' ? error.cause : error);

function sentenceOf(error: Fields): string {
  if (error.code === 'ENOENT') return `There is no file ${error.path}.`;
  if (error.code === 'EACCES' || error.code === 'EPERM') return `No permission for ${error.path}.`;
  if (error.code === 'EISDIR') return `${error.path ?? 'This'} is a folder, not a file.`;
  return error.message ?? String(error);
}

function report(error: unknown): number {
  const fields = innermost(
    (typeof error === 'object' && error !== null ? error : { message: String(error) }) as Fields,
  );
  clearProgress();
  const where = fields.where ? ` (${fields.where})` : '';
  process.stderr.write(`halftone: ${sentenceOf(fields)}${where}\n`);
  if (fields.hint) process.stderr.write(`  ${fields.hint}\n`);
  return error instanceof UsageError ? 2 : 1;
}

async function main([name = '', ...rest]: string[]): Promise<number> {
  if (name === '' || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(overview());
    return name === '' ? 2 : 0;
  }
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command)
      throw new UsageError(`There is no command ${name}.`, `Commands: ${Object.keys(commands).join(', ')}.`);
    const args = parse(name, command, rest);
    if (args === null) process.stdout.write(usageOf(name, command));
    else await command.run(args);
    return 0;
  } catch (error) {
    return report(error);
  }
}

// A reader that has seen enough (`| head`) is no problem.
process.stdout.on('error', (error: { code?: string }) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await main(process.argv.slice(2));
