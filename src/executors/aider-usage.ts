import type { LoggedUsage } from './aider-log.ts';
import type { PrintedUsage } from './aider-printed-usage.ts';
import { noUsage, totalUsage, type Usage, usageByModel } from './usage-rows.ts';

/** One message that was answered: as it was logged, as it was printed, or both. */
export interface Message {
  logged?: LoggedUsage;
  printed?: PrintedUsage;
}

/**
 * The messages of a run. The log is exact, so that it decides which there were, where it tells of any; but it may have
 * events of another process, and the answers may hold lines that look like a usage. What is in both, in order, is the
 * run's.
 */
export function messagesOf(logged: LoggedUsage[], printed: PrintedUsage[]): Message[] {
  if (printed.length === 0) return logged.map((one) => ({ logged: one }));
  const both: Message[] = [];
  let from = 0;
  for (const one of logged) {
    const at = printed.findIndex((line, index) => index >= from && isSame(one, line));
    const line = printed[at];
    if (!line) continue;
    both.push({ logged: one, printed: line });
    from = at + 1;
  }
  return both.length > 0 ? both : printed.map((one) => ({ printed: one }));
}

function isSame(
  { prompt_tokens, completion_tokens }: LoggedUsage,
  { sent, received }: PrintedUsage,
): boolean {
  return isRounded(prompt_tokens, sent) && isRounded(completion_tokens, received);
}

function isRounded(exact: number | undefined, printed: number): boolean {
  return exact !== undefined && Math.abs(exact - printed) <= rounding(printed);
}

/** By how much a printed number of tokens can be off. */
function rounding(printed: number): number {
  if (printed < 1000) return 0;
  return printed < 10_000 ? 50 : 500;
}

/**
 * What the messages used: always a part. What the weak model writes (the message of each commit, summaries) is told
 * nowhere, nor is an answer that was cut off; cached tokens are only ever printed, rounded; and a streamed answer is
 * counted by Aider itself, not by its provider.
 */
export function readUsage(messages: Message[], model: string | undefined): Usage {
  const rows = messages.filter(isSpent).map(({ logged, printed }) => ({
    model: logged?.main_model ?? model,
    counts: countsOf(logged, printed),
    cost_usd: logged?.cost || undefined,
  }));
  const turns = rows.length;
  const named = rows.flatMap((row) => (row.model === undefined ? [] : [{ ...row, model: row.model }]));
  const usage =
    (named.length === rows.length ? usageByModel(named, { turns }) : undefined) ??
    totalUsage({ ...sumOf(rows.map(({ counts }) => counts)), turns });
  return usage.usage_state === 'none' ? noUsage : { ...usage, usage_state: 'partial' };
}

/**
 * What the session has cost, by its last message, less what was only an estimate. Undefined if a message has no price:
 * 0 is what Aider says of a model that it has none for.
 */
export function readCost(messages: Message[]): number | undefined {
  const spent = messages.filter(isSpent);
  const costs = spent.map(({ logged, printed }) => logged?.cost ?? printed?.message_usd);
  if (spent.length === 0 || costs.some((cost) => !cost)) return undefined;
  const last = messages.at(-1);
  const session = last?.logged?.total_cost ?? last?.printed?.session_usd;
  const refused = messages
    .filter((message) => !isSpent(message))
    .reduce((sum, { logged, printed }) => sum + (logged?.cost ?? printed?.message_usd ?? 0), 0);
  return session === undefined || session <= refused ? undefined : session - refused;
}

function isSpent({ printed }: Message): boolean {
  return printed?.refused !== true;
}

type Counts = Record<'input_uncached' | 'cache_read' | 'cache_write' | 'output', number>;

function countsOf(logged: LoggedUsage | undefined, printed: PrintedUsage | undefined): Counts {
  const sent = logged?.prompt_tokens ?? printed?.sent ?? Number.NaN;
  const cache_read = printed?.cache_hit ?? 0;
  const cache_write = printed?.cache_write ?? 0;
  return {
    input_uncached: uncached(sent, cache_read, cache_write),
    cache_read,
    cache_write,
    output: logged?.completion_tokens ?? printed?.received ?? Number.NaN,
  };
}

/**
 * What was sent has the cached tokens in it, and those written to the cache twice, where litellm counts them in already
 * (seen with 0.86.2: 40 and 3104 read and 1240 written are 5624 sent). Where they do not fit in twice they are in once.
 */
function uncached(sent: number, read: number, write: number): number {
  const once = sent - read - write;
  const fitsTwice = once + rounding(sent) + rounding(read) + rounding(write) >= write;
  return Math.max(0, fitsTwice ? once - write : once);
}

function sumOf(rows: Counts[]): Counts {
  const sum = (name: keyof Counts) => rows.reduce((total, row) => total + row[name], 0);
  return {
    input_uncached: sum('input_uncached'),
    cache_read: sum('cache_read'),
    cache_write: sum('cache_write'),
    output: sum('output'),
  };
}
