import { z } from 'zod';
import { AppError, type ErrorCode, messageOf } from '../domain/errors.ts';

/** Where outcomes are reported to. */
export interface MetricsService {
  url: string;
  token?: string;
}

const ingestAnswer = z.object({
  recorded: z.int(),
  duplicates: z.int(),
  refused: z.array(
    z.object({
      line: z.int(),
      errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
    }),
  ),
});
export type IngestAnswer = z.output<typeof ingestAnswer>;

const problem = z.object({ detail: z.string() });

/**
 * Sends outcomes, each a line of JSON. The good ones are recorded, the others named in the answer.
 * @throws AppError `invalid` if none of it will ever be taken; `unavailable`, `unauthorized`, `forbidden` if it may be
 */
export async function sendMetrics(
  lines: readonly string[],
  { url, token }: MetricsService,
  timeoutMs: number,
): Promise<IngestAnswer> {
  const { status, text } = await exchange(url, lines.join('\n'), token, timeoutMs);
  const content = parseJson(text);
  const answer = ingestAnswer.safeParse(content);
  if (status === 200 && answer.success) return answer.data;
  const detail = problem.safeParse(content).data?.detail;
  if (status === 200 || detail === undefined) {
    throw new AppError(
      'unavailable',
      `${url} does not answer as Andon does (${status}): is it another server?`,
    );
  }
  throw new AppError(codeOf(status), `${url}: ${detail}`);
}

/** What was wrong with a refused line, in one line. */
export function refusalOf({ errors }: IngestAnswer['refused'][number]): string {
  return errors.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
}

async function exchange(url: string, body: string, token: string | undefined, timeoutMs: number) {
  const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/agent/metrics`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-ndjson',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body,
      redirect: 'error',
      signal,
    });
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    // Node's fetch says only "fetch failed"; why is in its cause.
    const why = messageOf(cause instanceof Error && cause.cause ? cause.cause : cause);
    throw new AppError('unavailable', `no service answers at ${url} (${why})`, { cause });
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return status === 400 || status === 413 || status === 415 ? 'invalid' : 'unavailable';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
