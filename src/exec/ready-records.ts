import { type IngestAnswer, type MetricsService, sendMetrics } from './metrics-sender.ts';

const mostInBatch = 1000;
const bytesInBatch = 512 * 1024;
const timeoutMs = 30_000;

/**
 * The records in a file that holds ready ones, each as a line of JSON: one, an array, or NDJSON, where a line's place
 * in the answer is its number in the file. Undefined if it holds something else.
 */
export function readyRecords(text: string): string[] | undefined {
  const whole = parse(text);
  if (Array.isArray(whole)) {
    return whole.some(isRecord) ? whole.map((one) => JSON.stringify(one)) : undefined;
  }
  if (whole !== undefined) return isRecord(whole) ? [JSON.stringify(whole)] : undefined;
  const lines = text.split('\n');
  const first = lines.find((line) => line.trim() !== '');
  return first !== undefined && isRecord(parse(first)) ? lines : undefined;
}

/** Sends them all, in as many requests as it takes. @throws AppError as `sendMetrics` */
export async function sendRecords(lines: string[], service: MetricsService): Promise<IngestAnswer> {
  const sum: IngestAnswer = { recorded: 0, duplicates: 0, refused: [] };
  let sent = 0;
  while (sent < lines.length) {
    const batch = lines.slice(sent, sent + batchLength(lines, sent));
    if (batch.some((line) => line.trim() !== '')) {
      const answer = await sendMetrics(batch, service, timeoutMs);
      sum.recorded += answer.recorded;
      sum.duplicates += answer.duplicates;
      sum.refused.push(...answer.refused.map((one) => ({ ...one, line: one.line + sent })));
    }
    sent += batch.length;
  }
  return sum;
}

function batchLength(lines: string[], from: number): number {
  let bytes = 0;
  let count = 0;
  while (count < mostInBatch && from + count < lines.length) {
    bytes += Buffer.byteLength(lines[from + count] ?? '') + 1;
    if (count > 0 && bytes > bytesInBatch) break;
    count += 1;
  }
  return count;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'task_id' in value && !('type' in value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
