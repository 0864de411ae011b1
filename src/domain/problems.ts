import type { z } from 'zod';
import type { FieldProblem } from './errors.ts';

/** What a schema found wrong, each with a JSON pointer to it; at most 20, since bodies can be large. */
export function problemsOf(error: z.ZodError, prefix = ''): FieldProblem[] {
  return error.issues.slice(0, 20).map((issue) => ({
    pointer: [
      prefix,
      ...issue.path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')),
    ].join('/'),
    detail: issue.message,
  }));
}
