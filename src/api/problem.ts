import { z } from 'zod';
import { AppError, type ErrorCode } from '../domain/errors.ts';

/** The one table from what went wrong to HTTP. */
export const statusOfError = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

const titles: Record<ErrorCode, string> = {
  invalid: 'Invalid input',
  unauthorized: 'Not authenticated',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'Conflict',
  too_large: 'Body too large',
  unsupported_media_type: 'Unsupported media type',
  too_many_requests: 'Too many requests',
  internal: 'Internal error',
  unavailable: 'Not available now',
};

/** An error answer: RFC 9457, with `errors` that point at what was wrong in the input. */
export const problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type Problem = z.infer<typeof problem>;

/** The problem details of anything thrown. What is ours is not told: it says "Internal error" and is logged. */
export function problemOf(error: unknown): Problem {
  const known = asAppError(error);
  return {
    type: `urn:andon:problem:${known.code}`,
    title: titles[known.code],
    status: statusOfError[known.code],
    detail: known.code === 'internal' ? 'Internal error' : known.message,
    ...(known.problems.length > 0 ? { errors: known.problems } : {}),
    ...known.details,
  };
}

/** What Express and its body parser throw, in our words. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof Error && 'type' in error) {
    if (error.type === 'entity.too.large') {
      const limit = 'limit' in error ? ` of ${String(error.limit)} bytes` : '';
      return new AppError('too_large', `the body is over the limit${limit}`, { cause: error });
    }
    if (error.type === 'charset.unsupported' || error.type === 'encoding.unsupported') {
      return new AppError('unsupported_media_type', error.message, { cause: error });
    }
    if (error.type === 'request.aborted')
      return new AppError('invalid', 'the request was cut off', { cause: error });
  }
  if (error instanceof URIError)
    return new AppError('invalid', 'the path is not a valid URL', { cause: error });
  // The body parser’s word for what is the sender’s doing, such as a gzip body that is none.
  if (error instanceof Error && 'status' in error && error.status === 400) {
    return new AppError('invalid', `the body cannot be read: ${error.message}`.slice(0, 300), {
      cause: error,
    });
  }
  return new AppError('internal', 'Internal error', { cause: error });
}
