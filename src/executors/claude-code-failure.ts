import type { ErrorClass } from '../domain/outcome.ts';
import type { ResultEvent } from './claude-code-output.ts';
import type { ProcessEnd } from './executor.ts';
import { describeEnd, plainHead, plainTail } from './process-end.ts';

export interface Failure {
  error_class: ErrorClass;
  error_message: string;
}

const authText =
  /not logged in|please run \/login|invalid api key|oauth token (has )?expired|authentication_error|credit balance is too low/i;
const limitText = /(hit|reached) your .{0,40}limit|usage limit reached|rate limit/i;
const contextText = /prompt is too long/i;

const classBySubtype: Record<string, ErrorClass> = {
  error_max_budget_usd: 'budget',
  // A limit that we or the user set, like the one on money: another try would meet it again.
  error_max_turns: 'budget',
  error_max_structured_output_retries: 'malformed_output',
};

const classByReason: Record<string, ErrorClass> = {
  prompt_too_long: 'context_exhausted',
  budget_exhausted: 'budget',
};

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

/** Why a run without any result has failed: it always has. */
export function failureWithoutResult(end: ProcessEnd, anyOutput: boolean): Failure {
  if (end.exitCode !== 0) {
    const plain = { ...end, tail: plainLines(end.tail) };
    const error_class = authText.test(plain.tail) ? 'auth' : 'nonzero_exit';
    return { error_class, error_message: describeEnd(plain) };
  }
  if (!anyOutput) return { error_class: 'empty_output', error_message: 'exit 0 without any output' };
  return {
    error_class: 'malformed_output',
    error_message: `exit 0 without a result: ${plainTail(end.tail, 1000)}`,
  };
}

/** What was said outside of the event stream: inside it the agent may talk of logins and limits too. */
function plainLines(tail: string): string {
  return tail
    .split('\n')
    .filter((line) => !/^\s*\{|\}\s*$/.test(line))
    .join('\n');
}

function classOf(result: ResultEvent, said: string): ErrorClass {
  return (
    classBySubtype[result.subtype ?? ''] ??
    classByReason[result.terminal_reason ?? ''] ??
    classByStatus(result.api_error_status) ??
    classByText(said) ??
    'nonzero_exit'
  );
}

function classByStatus(status: number | undefined): ErrorClass | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return 'rate_limited';
  if (status === 401 || status === 403) return 'auth';
  if (status === 413) return 'context_exhausted';
  return status >= 500 ? 'overloaded' : undefined;
}

function classByText(said: string): ErrorClass | undefined {
  if (authText.test(said)) return 'auth';
  if (contextText.test(said)) return 'context_exhausted';
  return limitText.test(said) ? 'rate_limited' : undefined;
}

function messageOf(result: ResultEvent): string {
  const errors = result.errors?.map((error) => (typeof error === 'string' ? error : JSON.stringify(error)));
  return plainHead(errors?.length ? errors.join('; ') : (result.result ?? ''));
}
