import type { ErrorClass } from '../domain/outcome.ts';
import type { ProcessEnd } from './executor.ts';
import { classByStatus, classByText, type Failure } from './failure.ts';
import type { OpencodeError } from './opencode-output.ts';
import { describeEnd } from './process-end.ts';

const classByName = new Map<string | undefined, ErrorClass>([
  ['ProviderAuthError', 'auth'],
  ['ContextOverflowError', 'context_exhausted'],
  ['MessageOutputLengthError', 'context_exhausted'],
  ['StructuredOutputError', 'malformed_output'],
  ['MessageAbortedError', 'killed'],
]);

/** What a session's error means: by its name, its provider's status, then its words. */
export function opencodeFailure(error: OpencodeError, end: ProcessEnd): Failure {
  const said = error.data?.message ?? error.message ?? '';
  // A context that is too long can come as a 400 or even a 403: the words come before the status.
  const byWords = classByText(said);
  const error_class =
    classByName.get(error.name) ??
    (byWords === 'context_exhausted' ? byWords : undefined) ??
    classByStatus(error.data?.statusCode) ??
    byWords ??
    'nonzero_exit';
  return {
    error_class,
    error_message: said || `${error.name ?? 'an error without a name'}, ${describeEnd(end)}`,
    limit_hint: retryAfter(error),
  };
}

function retryAfter({ data }: OpencodeError): string | undefined {
  const headers = Object.entries(data?.responseHeaders ?? {});
  const value = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
  return value === undefined ? undefined : `Retry-After: ${String(value)}`;
}
