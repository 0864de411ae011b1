import type { ErrorClass } from '../domain/outcome.ts';
import type { ResultEvent } from './claude-code-output.ts';
import type { ProcessEnd } from './executor.ts';
import { classByStatus, classByText, type Failure } from './failure.ts';
import { describeEnd, plainHead } from './process-end.ts';

const classBySubtype = new Map<string | undefined, ErrorClass>([
  ['error_max_budget_usd', 'budget'],
  // A limit that we or the user set, like the one on money: another try would meet it again.
  ['error_max_turns', 'budget'],
  ['error_max_structured_output_retries', 'malformed_output'],
]);

const classByReason = new Map<string | undefined, ErrorClass>([
  ['prompt_too_long', 'context_exhausted'],
  ['budget_exhausted', 'budget'],
]);

/** Why a run with a result has failed; undefined if it has not. Neither exit 0 nor `subtype: "success"` says so. */
export function claudeFailure(result: ResultEvent, end: ProcessEnd): Failure | undefined {
  const success = result.subtype === 'success';
  if (success && result.is_error === false) {
    if (end.exitCode === 0) return undefined;
    return { error_class: 'nonzero_exit', error_message: describeEnd(end) };
  }
  const said = messageOf(result);
  const error_message = said || `${result.subtype ?? 'result without a subtype'}, ${describeEnd(end)}`;
  // Neither a success nor an error that it owns to.
  if (result.is_error !== true && !result.subtype?.startsWith('error')) {
    return { error_class: 'malformed_output', error_message };
  }
  return { error_class: classOf(result, said), error_message };
}

function classOf(result: ResultEvent, said: string): ErrorClass {
  return (
    classBySubtype.get(result.subtype) ??
    classByReason.get(result.terminal_reason) ??
    classByStatus(result.api_error_status) ??
    classByText(said) ??
    'nonzero_exit'
  );
}

function messageOf(result: ResultEvent): string {
  const errors = result.errors?.map((error) => (typeof error === 'string' ? error : JSON.stringify(error)));
  return plainHead(errors?.length ? errors.join('; ') : (result.result ?? ''));
}
