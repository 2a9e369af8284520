// Anything thrown becomes {code, message, where, hint} for the error card. Engine errors have the
// shape already; others get a plain sentence and keep their message as the place.

import { t } from '../i18n';

export interface AppError {
  code: string;
  message: string;
  where: string;
  hint: string;
}

const isShaped = (e: unknown): e is AppError =>
  typeof e === 'object' && e !== null && 'code' in e && 'message' in e && 'where' in e && 'hint' in e;

export function toAppError(error: unknown): AppError {
  if (isShaped(error)) return { code: error.code, message: error.message, where: error.where, hint: error.hint };
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message: t.app.errors.unexpected, where: detail, hint: t.app.errors.unexpectedHint };
}

/** A mistake that the page itself notices. */
export class PageError extends Error implements AppError {
  readonly code = 'invalid_argument';
  constructor(
    message: string,
    readonly where: string,
    readonly hint: string,
  ) {
    super(message);
  }
}
