import { type Clock, systemClock, toRfc3339 } from '../domain/clock.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import type { Interpretation, OutputProgress, OutputReader, ProcessEnd } from './executor.ts';
import { type Failure, isProvidersFault } from './failure.ts';
import { JsonReader } from './json-reader.ts';
import { plainHead } from './process-end.ts';
import { rawResult } from './raw-result.ts';
import { retryTime } from './retry-time.ts';
import { noUsage, type Usage } from './usage-rows.ts';

/** What a CLI's output came to, before it is put in the words of an outcome. */
export interface Conclusion {
  failure?: Failure | undefined;
  model?: string | undefined;
  usage?: Usage | undefined;
  /** As the CLI reports it; absent if it does not, or says 0 for what it does not know. */
  cost_usd?: number | undefined;
  /** The final object, as it was parsed. */
  final?: unknown;
  text?: string | undefined;
}

/** What is particular to one CLI's output. */
export interface OutputFormat {
  /** Says of a line of JSON that it need not be parsed. */
  skips?(line: Buffer): boolean;
  /** Takes the next JSON value of stdout, whatever it is. */
  take(value: unknown): void;
  progress(): OutputProgress;
  conclude(end: ProcessEnd, anyOutput: boolean): Conclusion;
}

/** Reads a CLI's output by its format. A provider's limit is dated by `clock`, in the local time zone. */
export function agentReader(
  format: OutputFormat,
  { billing, clock = systemClock }: { billing: TaskMetric['billing']; clock?: Clock | undefined },
): OutputReader {
  let anyOutput = false;
  const json = new JsonReader(
    (value) => format.take(value),
    (line) => format.skips?.(line) ?? false,
  );
  return {
    push(chunk) {
      anyOutput ||= chunk.byteLength > 0;
      json.push(chunk);
    },
    progress: () => format.progress(),
    interpret(end) {
      json.end();
      return inWords(format.conclude(end, anyOutput), billing, clock());
    },
  };
}

function inWords(
  { failure, model, usage = noUsage, cost_usd, final, text }: Conclusion,
  billing: TaskMetric['billing'],
  now: number,
): Interpretation {
  const retryAt = failure && isProvidersFault(failure) ? limitEnd(failure, now) : undefined;
  return {
    status: failure ? 'failed' : 'completed',
    error_class: failure?.error_class,
    error_message: failure && plainHead(failure.error_message),
    retry_at: retryAt === undefined ? undefined : toRfc3339(retryAt),
    model,
    ...usage,
    cost_usd,
    cost_source: cost_usd === undefined ? 'unpriced' : 'reported',
    billing,
    raw_result: rawResult(final),
    text: text === undefined ? undefined : plainHead(text, 20_000),
  };
}

function limitEnd({ limit_hint, error_message }: Failure, now: number): number | undefined {
  return (limit_hint && retryTime(limit_hint, now)) || retryTime(error_message, now);
}
