import { type Clock, systemClock, toRfc3339 } from '../domain/clock.ts';
import type { TaskMetric } from '../domain/outcome.ts';
import type { Interpretation, OutputProgress, OutputReader, ProcessEnd } from './executor.ts';
import { type Failure, isProvidersFault } from './failure.ts';
import { JsonReader } from './json-reader.ts';
import { LineReader } from './line-reader.ts';
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

interface Format {
  /** Takes the next JSON value of the file that the CLI writes figures to, whatever it is. */
  takeRecord?(value: unknown): void;
  progress(): OutputProgress;
  conclude(end: ProcessEnd, anyOutput: boolean): Conclusion;
}

/** What is particular to the output of a CLI that prints JSON. */
export interface OutputFormat extends Format {
  /** Says of a line of JSON that it need not be parsed. */
  skips?(line: Buffer): boolean;
  /** Takes the next JSON value of stdout, whatever it is. */
  take(value: unknown): void;
}

/** What is particular to the output of one that prints text. */
export interface TextFormat extends Format {
  /** Takes the next line of stdout, without its end. */
  takeLine(line: Buffer): void;
}

/** Reads a CLI's output by its format. A provider's limit is dated by `clock`, in the local time zone. */
export function agentReader(
  format: OutputFormat | TextFormat,
  { billing, clock = systemClock }: { billing: TaskMetric['billing']; clock?: Clock | undefined },
): OutputReader {
  let anyOutput = false;
  const output = outputReader(format);
  const record = new JsonReader((value) => format.takeRecord?.(value));
  return {
    push(chunk) {
      anyOutput ||= chunk.byteLength > 0;
      output.push(chunk);
    },
    record: (bytes) => record.push(bytes),
    progress: () => format.progress(),
    interpret(end) {
      output.end();
      record.end();
      return inWords(format.conclude(end, anyOutput), billing, clock());
    },
  };
}

function outputReader(format: OutputFormat | TextFormat): { push(chunk: Uint8Array): void; end(): void } {
  if ('takeLine' in format) return new LineReader((line) => format.takeLine(line), { empty: true });
  return new JsonReader(
    (value) => format.take(value),
    (line) => format.skips?.(line) ?? false,
  );
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
