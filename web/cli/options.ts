// What a command takes: named operands and options, from which its help is written and its arguments are read.

import { parseArgs } from 'node:util';

export interface Option {
  /** Placeholder of its value in the help; null: a switch. */
  value: string | null;
  help: string;
  short?: string;
  multiple?: boolean;
}

export interface Command {
  summary: string;
  /** Names in order; the last may end in `...`. */
  operands: readonly string[];
  options: Readonly<Record<string, Option>>;
  /** Lines shown below the options. */
  notes?: readonly string[];
  run(args: Args): Promise<void>;
}

export class UsageError extends Error {
  constructor(
    message: string,
    readonly hint = '',
  ) {
    super(message);
  }
}

export class Args {
  constructor(
    readonly operands: readonly string[],
    readonly values: Readonly<Record<string, string | boolean | string[] | undefined>>,
  ) {}

  operand(index: number): string {
    return this.operands[index] ?? '';
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value : [];
  }

  /** A whole number from 1 on. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} takes a whole number from 1 on, not ${text}.`);
    return Number(text);
  }

  /** Numbers with commas between. */
  numbers(name: string): number[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const values = text.split(',').map(Number);
    if (text.trim() === '' || !values.every(Number.isFinite))
      throw new UsageError(`--${name} takes numbers with commas between, not ${text}.`);
    return values;
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    const found = choices.find((choice) => choice === text);
    if (text !== undefined && found === undefined)
      throw new UsageError(`--${name} is one of ${choices.join(', ')}, not ${text}.`);
    return found;
  }
}

/** null: help was asked for. Errors: UsageError. */
export function parse(name: string, command: Command, argv: string[]): Args | null {
  if (argv.includes('--help') || argv.includes('-h')) return null;
  const hint = `halftone ${name} --help says what it takes.`;
  const options = Object.fromEntries(
    Object.entries(command.options).map(([key, { value, short, multiple = false }]) => [
      key,
      { type: value === null ? ('boolean' as const) : ('string' as const), multiple, ...(short && { short }) },
    ]),
  );
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.replace(/\. To specify.*$/s, '.'), hint);
  }
  const { operands } = command;
  const open = operands.at(-1)?.endsWith('...') ?? false;
  const given = parsed.positionals.length;
  if (given < operands.length || (given > operands.length && !open)) {
    throw new UsageError(`halftone ${name} takes ${operands.join(' ')}, but ${given} of them are given.`, hint);
  }
  return new Args(parsed.positionals, parsed.values as Args['values']);
}

export function usageOf(name: string, { summary, operands, options, notes = [] }: Command): string {
  const rows = Object.entries(options).map(([key, { value, short, help }]): [string, string] => [
    `${short ? `-${short}, ` : ''}--${key}${value === null ? '' : ` <${value}>`}`,
    help,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `Usage: halftone ${name} ${operands.join(' ')} [options]`,
    '',
    summary,
    '',
    ...rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`),
    ...(notes.length > 0 ? ['', ...notes] : []),
    '',
  ].join('\n');
}
