import { z } from 'zod';
import {
  type ClaimAnswer,
  type ClaimRequest,
  claimAnswer,
  type FinishAnswer,
  type FinishRequest,
  finishAnswer,
  type HeartbeatAnswer,
  type HeartbeatRequest,
  heartbeatAnswer,
} from '../domain/attempt.ts';
import { AppError, type ErrorCode, messageOf } from '../domain/errors.ts';
import { problemsOf } from '../domain/problems.ts';

/**
 * The service, as a runner sees it. Every method throws AppError: `unavailable` if the same call may succeed later,
 * `conflict` and `not_found` if the attempt is no longer ours, any other code if it never will.
 */
export interface ServiceClient {
  claim(request: ClaimRequest): Promise<ClaimAnswer>;
  heartbeat(taskId: string, request: HeartbeatRequest): Promise<HeartbeatAnswer>;
  finish(taskId: string, request: FinishRequest): Promise<FinishAnswer>;
  /** Says that this runner stops: its series are taken away. */
  leave(runner: string): Promise<void>;
}

export interface ServiceClientOptions {
  /** Where the service is, such as `http://127.0.0.1:8000`; a path before `/api` is kept. */
  url: string;
  token?: string;
  /** For each request. */
  timeoutSeconds?: number;
}

const problem = z.object({ title: z.string().optional(), detail: z.string().optional() });

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const post = <T>(path: string, body: unknown, schema: z.ZodType<T>) => send(options, path, body, schema);
  return {
    claim: (request) => post('tasks/claim', request, claimAnswer),
    heartbeat: (id, request) => post(`tasks/${encodeURIComponent(id)}/heartbeat`, request, heartbeatAnswer),
    finish: (id, request) => post(`tasks/${encodeURIComponent(id)}/finish`, request, finishAnswer),
    leave: async (runner) => {
      await post(`runners/${encodeURIComponent(runner)}/leave`, {}, z.unknown());
    },
  };
}

async function send<T>(
  options: ServiceClientOptions,
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
): Promise<T> {
  const { status, text } = await exchange(options, path, body);
  const content = parseJson(text);
  if (status < 200 || status >= 300) throw refused(path, status, content);
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  // Whatever answers here is not our service, or not this version of it.
  const problems = problemsOf(parsed.error);
  const [first] = problems;
  throw new AppError(
    'unavailable',
    `${path}: the answer is not as it should be: ${first?.pointer} ${first?.detail}`,
    { cause: parsed.error, problems },
  );
}

async function exchange(
  options: ServiceClientOptions,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(`${options.url.replace(/\/+$/, '')}/api/agent/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(options.token && { authorization: `Bearer ${options.token}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout((options.timeoutSeconds ?? 10) * 1000),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const reason = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw new AppError('unavailable', `cannot reach the service at ${options.url}: ${reason}`, {
      cause: error,
    });
  }
}

function refused(path: string, status: number, content: unknown): AppError {
  const { title, detail } = problem.safeParse(content).data ?? {};
  return new AppError(codeOf(status), `${path}: ${status} ${detail ?? title ?? ''}`.trimEnd(), {
    details: { status },
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 409) return 'conflict';
  if (status === 404) return 'not_found';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  // Too slow and too many: the same call may succeed later.
  if (status === 408 || status === 429 || status >= 500) return 'unavailable';
  return 'invalid';
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
