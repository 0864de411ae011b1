import type { ApiClient } from '../app/api-client.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { joinResults, type RepriceResult, repriceResult } from '../pricing/reprice.ts';

/**
 * Goes over all outcomes page by page, so that no answer is waited for longer than one page takes. `onProgress` hears
 * how many were gone over so far. @throws AppError that also says how far it came
 */
export async function repriceAll(
  client: Pick<ApiClient, 'post'>,
  request: { since: string; dry_run: boolean },
  onProgress: (examined: number) => void,
): Promise<RepriceResult> {
  let result: RepriceResult | undefined;
  do {
    const cursor = result?.next_cursor ?? undefined;
    const page = await client
      .post('/api/agent/reprice', { ...request, cursor }, repriceResult)
      .catch((error: unknown) => {
        throw result ? stoppedAt(result, error) : error;
      });
    result = result ? joinResults(result, page) : page;
    onProgress(result.examined);
  } while (result.next_cursor !== null);
  return result;
}

function stoppedAt({ dry_run, examined, changed }: RepriceResult, error: unknown): AppError {
  const done = dry_run
    ? `after ${examined} runs`
    : `after ${examined} runs, of which ${changed} have a new cost now: the same command does the rest`;
  const code = error instanceof AppError ? error.code : 'internal';
  return new AppError(code, `${messageOf(error)} (${done})`, { cause: error });
}
