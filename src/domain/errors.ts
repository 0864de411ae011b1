/** What went wrong, in the ways that a caller can act on. */
export type ErrorCode =
  | 'invalid'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_many_requests'
  | 'unavailable'
  | 'internal';

/** One thing wrong with an input: where (`/usage/output`, or a name), and what. */
export interface FieldProblem {
  pointer: string;
  detail: string;
}

/** The one error class of Andon. Whatever else is thrown counts as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly problems: FieldProblem[];
  /** Facts about this occurrence, as `snake_case` members of the problem details. */
  readonly details: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; problems?: FieldProblem[]; details?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
    this.details = options.details ?? {};
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Node's fetch says only "fetch failed". Why is in its cause, which has just a code where it tried two addresses. */
export function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return messageOf(cause) || code;
}
