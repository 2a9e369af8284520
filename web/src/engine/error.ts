// HalftoneError: what every method of the library rejects with. The same four fields come from C++, from the
// worker and from here: what failed, in one sentence, where, and the way out.

import type { ErrorCode } from './types';

export interface ErrorFields {
  code: ErrorCode;
  message: string;
  /** Node, value, field or recipe key; empty where there is none. */
  where: string;
  /** What to do about it; empty where nothing can be done. */
  hint: string;
}

export class HalftoneError extends Error {
  override readonly name = 'HalftoneError';
  readonly code: ErrorCode;
  readonly where: string;
  readonly hint: string;

  constructor(fields: ErrorFields, options?: ErrorOptions) {
    super(fields.message, options);
    this.code = fields.code;
    this.where = fields.where;
    this.hint = fields.hint;
  }
}

export function fail(code: ErrorCode, message: string, where = '', hint = ''): HalftoneError {
  return new HalftoneError({ code, message, where, hint });
}

export function cancelled(): HalftoneError {
  return fail('cancelled', 'The work was cancelled.');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
