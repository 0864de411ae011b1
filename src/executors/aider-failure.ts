import type { ErrorClass } from '../domain/outcome.ts';
import type { ProcessEnd } from './executor.ts';
import { classByText, type Failure, failureWithoutResult } from './failure.ts';

/** Something that Aider says went wrong. It exits 0 all the same. */
export interface AiderTrouble {
  error_class: ErrorClass;
  said: string;
  /** True if the usage of the same message comes after it, and does not make it good. */
  beforeUsage?: boolean;
}

/** Of litellm's exceptions, which Aider lists in `aider/exceptions.py` (0.86); its words decide about the others. */
const classByException = new Map<string | undefined, ErrorClass>([
  ['AuthenticationError', 'auth'],
  ['PermissionDeniedError', 'auth'],
  ['RateLimitError', 'rate_limited'],
  ['RouterRateLimitError', 'rate_limited'],
  ['APIConnectionError', 'overloaded'],
  ['BadGatewayError', 'overloaded'],
  ['InternalServerError', 'overloaded'],
  ['ServiceUnavailableError', 'overloaded'],
  ['Timeout', 'overloaded'],
  ['ContextWindowExceededError', 'context_exhausted'],
  // A budget that the user has set at a proxy of theirs.
  ['BudgetExceededError', 'budget'],
]);

const classByLine: [RegExp, ErrorClass][] = [
  [/^Model \S+ has hit a token limit!/, 'context_exhausted'],
  [/^Your estimated chat context of [\d,]+ tokens exceeds/, 'context_exhausted'],
  // It has gone round without getting an edit in, or past its linter or its tests.
  [/^Only \d+ reflections allowed, stopping\./, 'stalled'],
  [/^Empty response received from LLM\./, 'empty_output'],
  [/^No LLM model was specified and no API keys were provided\./, 'auth'],
  [/^Unable to proceed without an OpenRouter API key/, 'auth'],
  [/^Unable to read git repository, it may be corrupt\?/, 'spawn'],
  [/^Aider only works with git repos with version number/, 'spawn'],
  [/^\^C again to exit|^\^C KeyboardInterrupt/, 'killed'],
];

/** What a line says went wrong; undefined for any other line. */
export function aiderTrouble(line: string): AiderTrouble | undefined {
  const exception = /^litellm\.([A-Z]\w*): /.exec(line)?.[1];
  if (exception !== undefined) {
    return { error_class: classByException.get(exception) ?? 'nonzero_exit', said: line.trim() };
  }
  const error_class = classByLine.find(([words]) => words.test(line))?.[1];
  return error_class && { error_class, said: line.trim(), beforeUsage: error_class === 'empty_output' };
}

export function troubleFailure({ error_class, said }: AiderTrouble): Failure {
  const byWords = error_class === 'nonzero_exit' ? classByText(said) : undefined;
  return { error_class: byWords ?? error_class, error_message: said };
}

/** Why a run has failed that ended with another status than 0. */
export function exitFailure(end: ProcessEnd): Failure {
  const failure = failureWithoutResult(end, true);
  // Its options, or the settings that it read them from: no attempt gets anywhere before that is set right.
  return end.exitCode === 2 && /^aider: error: /m.test(end.tail)
    ? { ...failure, error_class: 'spawn' }
    : failure;
}
