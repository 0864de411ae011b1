import { AppError, messageOf } from '../domain/errors.ts';
import type { OutcomeReport } from '../domain/outcome.ts';
import { type IngestAnswer, type MetricsService, refusalOf, sendMetrics } from './metrics-sender.ts';
import type { OutcomeSpool, SpooledOutcome } from './outcome-spool.ts';

export interface DeliveryOptions {
  service: MetricsService;
  spool: OutcomeSpool;
  /** Told in one line of what was not recorded, and why. */
  onTrouble: (line: string) => void;
}

/** A batch stays well under what the API takes in one body. */
const mostInBatch = 500;
const bytesInBatch = 512 * 1024;

/**
 * Records an outcome: with the service within the time, else in the spool. Never throws.
 * @returns whether the service has answered
 */
export async function recordOutcome(
  report: OutcomeReport,
  options: DeliveryOptions & { timeoutMs: number },
): Promise<boolean> {
  const { service, spool, onTrouble } = options;
  try {
    const answer = await sendMetrics([JSON.stringify(report)], service, options.timeoutMs);
    const [refused] = answer.refused;
    if (refused) {
      await refuse(await spool.put(report), refusalOf(refused), options);
    } else if (answer.duplicates > 0) {
      onTrouble(`${report.task_id} attempt ${report.attempt} was recorded before: this run is not counted`);
    }
    return true;
  } catch (error) {
    await putOff(report, error, options);
    return false;
  }
}

async function putOff(report: OutcomeReport, error: unknown, options: DeliveryOptions): Promise<void> {
  const why = messageOf(error);
  try {
    const spooled = await options.spool.put(report);
    if (error instanceof AppError && error.code === 'invalid') await refuse(spooled, why, options);
    else options.onTrouble(`${why}: the run waits in ${options.spool.folder} and is recorded later`);
  } catch (disk) {
    options.onTrouble(`the run is not recorded: ${why}, and it cannot be spooled: ${messageOf(disk)}`);
  }
}

export interface Delivered {
  recorded: number;
  duplicates: number;
  refused: number;
  /** Still in the spool: for this service, and for others. */
  waiting: number;
  elsewhere: number;
}

/**
 * Delivers what waits in the spool, the oldest first, for at most so long.
 * @throws AppError as `sendMetrics`, if nothing more can be delivered now
 */
export async function deliverSpooled(options: DeliveryOptions & { timeoutMs: number }): Promise<Delivered> {
  const until = performance.now() + options.timeoutMs;
  const sum: Delivered = { recorded: 0, duplicates: 0, refused: 0, waiting: 0, elsewhere: 0 };
  for (;;) {
    const { waiting, elsewhere, outcomes } = await options.spool.list(mostInBatch);
    Object.assign(sum, { waiting, elsewhere });
    const left = until - performance.now();
    if (outcomes.length === 0 || left <= 0) return sum;
    const batch = fitting(outcomes);
    const answer = await sendMetrics(
      batch.map(({ line }) => line),
      options.service,
      left,
    );
    await settle(batch, answer, options);
    sum.recorded += answer.recorded;
    sum.duplicates += answer.duplicates;
    sum.refused += answer.refused.length;
  }
}

/** The same, as something done besides: whoever comes next tries again. */
export async function deliverBesides(options: DeliveryOptions & { timeoutMs: number }): Promise<void> {
  try {
    await deliverSpooled(options);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function settle(batch: SpooledOutcome[], { refused }: IngestAnswer, options: DeliveryOptions) {
  const refusals = new Map(refused.map((one) => [one.line, refusalOf(one)]));
  for (const [index, outcome] of batch.entries()) {
    const why = refusals.get(index + 1);
    if (why === undefined) await options.spool.remove(outcome);
    else await refuse(outcome, why, options);
  }
}

async function refuse(outcome: SpooledOutcome, why: string, { spool, onTrouble }: DeliveryOptions) {
  const kept = await spool.refuse(outcome);
  onTrouble(`a run was refused (${why}), and is kept in ${kept}`);
}

/** As many as one body takes, at least one. */
function fitting(outcomes: SpooledOutcome[]): SpooledOutcome[] {
  let bytes = 0;
  const first = outcomes.findIndex(({ line }) => {
    bytes += Buffer.byteLength(line) + 1;
    return bytes > bytesInBatch;
  });
  return first < 0 ? outcomes : outcomes.slice(0, Math.max(1, first));
}
