import { type ErrorClass, faultOf } from '../domain/outcome.ts';
import type { ProcessEnd } from './executor.ts';
import { describeEnd, plainTail } from './process-end.ts';

/** Why a run has failed. */
export interface Failure {
  error_class: ErrorClass;
  error_message: string;
  /** Further words, or a header, that say better than the message when a provider's limit ends. */
  limit_hint?: string | undefined;
}

/** Whether the provider is at fault, so that a time in the message is the end of its limit. */
export function isProvidersFault(failure: Failure): boolean {
  return faultOf[failure.error_class] === 'provider';
}

/** In order: the first that fits decides. Only for a CLI's own words; an agent may talk of logins and limits too. */
const classByWords: [ErrorClass, RegExp][] = [
  ['overloaded', /temporarily limiting requests|overloaded/i],
  [
    'auth',
    new RegExp(
      [
        /not logged in|please run \/login|invalid api key|incorrect api key|api key (not (found|valid)|is missing)/,
        /(oauth|access|refresh) token|authentication[_ ](error|required|failed)|unauthenticated/,
        /unauthori[sz]ed|not authenticated|credit balance is too low|insufficient (credits|balance)|(log|sign) ?in (again|first)/,
        /set an auth method|missing environment variable|specify the \w+ environment variable/,
        /with your chatgpt plan|unexpected status 40[13]|failed to authenticate|re-?authenticate/,
      ]
        .map(({ source }) => source)
        .join('|'),
      'i',
    ),
  ],
  [
    'context_exhausted',
    /prompt is too long|context window|context[_ ]length|maximum context|more than max tokens|model token limit|input (is )?too long|input token count .{0,40}exceeds|required for long context/i,
  ],
  [
    'rate_limited',
    new RegExp(
      [
        /(hit|reached|exceeded|exhausted) your .{0,60}(limit|quota|capacity|allowance|spend cap)/,
        /(usage|request|free|daily|weekly|monthly) .{0,20}limit|limit reached|quota (is )?(exceeded|exhausted)/,
        /rate[ _-]?limit|too many requests|resource[_ ]exhausted|out of (extra )?(credits|usage|requests)|usage exceeded/,
        /(status|error|code|http)\D{0,12}429/,
      ]
        .map(({ source }) => source)
        .join('|'),
      'i',
    ),
  ],
  [
    'overloaded',
    /at capacity|high demand|bad gateway|service unavailable|internal server error|gateway time-?out|\[unavailable\]|stream disconnected|connection (failed|error|lost|reset|refused)|fetch failed|ECONN(RESET|REFUSED)|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|(status|error|code|http)\D{0,12}5\d\d\b/i,
  ],
  ['spawn', /not inside a trusted directory|workspace trust|untrusted workspace|not running in a trusted/i],
];

/** The class of what a CLI itself says went wrong; undefined if its words are none that we know. */
export function classByText(said: string): ErrorClass | undefined {
  const text = said.replaceAll(/\s+/g, ' ');
  return classByWords.find(([, words]) => words.test(text))?.[0];
}

/** The class of the HTTP status that a provider answered with. */
export function classByStatus(status: number | undefined): ErrorClass | undefined {
  if (status === undefined) return undefined;
  if (status === 429) return 'rate_limited';
  if (status === 401 || status === 403) return 'auth';
  if (status === 413) return 'context_exhausted';
  return status >= 500 && status < 600 ? 'overloaded' : undefined;
}

/** Why a run without any result has failed: it always has. */
export function failureWithoutResult(end: ProcessEnd, anyOutput: boolean): Failure {
  if (end.exitCode !== 0) {
    const plain = { ...end, tail: plainLines(end.tail) };
    return {
      error_class: classByText(plain.tail.slice(-4000)) ?? 'nonzero_exit',
      error_message: describeEnd(plain),
    };
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
