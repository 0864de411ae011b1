import type { ErrorClass } from '../domain/outcome.ts';
import type { ProcessEnd } from './executor.ts';
import { classByStatus, classByText, type Failure } from './failure.ts';
import { type GeminiError, type GeminiResult, parseError } from './gemini-output.ts';
import { describeEnd } from './process-end.ts';

/** `packages/core/src/utils/errors.ts` of google-gemini/gemini-cli, 0.56. */
const classByExit = new Map<number | undefined, ErrorClass>([
  [41, 'auth'],
  // Sandbox, configuration, untrusted workspace: no attempt gets anywhere before that is set right.
  [44, 'spawn'],
  [52, 'spawn'],
  [55, 'spawn'],
  // The user's own limit on turns: another try would meet it again.
  [53, 'budget'],
  [130, 'cancelled'],
]);

const classByType = new Map<string | undefined, ErrorClass>([
  ['FatalAuthenticationError', 'auth'],
  ['UnauthorizedError', 'auth'],
  ['FatalSandboxError', 'spawn'],
  ['FatalConfigError', 'spawn'],
  ['FatalUntrustedWorkspaceError', 'spawn'],
  ['FatalTurnLimitedError', 'budget'],
  ['FatalCancellationError', 'cancelled'],
  ['TerminalQuotaError', 'rate_limited'],
  ['RetryableQuotaError', 'rate_limited'],
  ['INVALID_STREAM', 'malformed_output'],
]);

/** What ended a run early although its result says success. */
const classByWarning: [RegExp, ErrorClass][] = [
  [/maximum session turns exceeded/i, 'budget'],
  [/loop detected, stopping/i, 'stalled'],
];

/** Why a run has failed; undefined if it has not, or there is nothing here that says so. */
export function geminiFailure(
  result: GeminiResult,
  warnings: string[],
  end: ProcessEnd,
): Failure | undefined {
  const { status, error } = result;
  const said = error?.message ?? '';
  if (status === 'success' && end.exitCode === 0) return cutShort([...warnings, ...(result.warnings ?? [])]);
  const known = classByExit.get(end.exitCode) ?? classByType.get(error?.type);
  if (status === undefined && !error && !known) return undefined;
  return {
    error_class: known ?? classByError(error) ?? unknownClass(status, end),
    error_message: said || warnings.at(-1) || describeEnd(end),
  };
}

function cutShort(warnings: string[]): Failure | undefined {
  for (const warning of warnings) {
    const found = classByWarning.find(([words]) => words.test(warning));
    if (found) return { error_class: found[1], error_message: warning };
  }
  return undefined;
}

function classByError(error: GeminiError | undefined): ErrorClass | undefined {
  if (!error) return undefined;
  const byWords = classByText(error.message ?? '');
  // A prompt that is too long comes as a 400, and a quota as a 403 too.
  return byWords ?? classByStatus(Number(error.code));
}

/** A stream that was no good ends with `error` and says no more. */
function unknownClass(status: string | undefined, end: ProcessEnd): ErrorClass {
  return end.exitCode === 0 && status !== 'success' ? 'malformed_output' : 'nonzero_exit';
}

/** The object after the last `[ERROR]`: how a fatal error comes to stderr in `json` mode, spread over lines. */
export function errorOnStderr(tail: string): GeminiError | undefined {
  const from = tail.lastIndexOf('[ERROR] {');
  if (from < 0) return undefined;
  const text = tail.slice(from + '[ERROR] '.length);
  for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}', end + 1)) {
    const error = errorIn(text.slice(0, end + 1));
    if (error) return error;
  }
  return undefined;
}

function errorIn(json: string): GeminiError | undefined {
  try {
    return parseError(JSON.parse(json));
  } catch {
    return undefined;
  }
}
