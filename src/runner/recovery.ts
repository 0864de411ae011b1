import { join } from 'node:path';
import { AppError, messageOf } from '../domain/errors.ts';
import { endMarked } from './marked-processes.ts';
import { isOver } from './runner-life.ts';
import type { RunnerState } from './runner-state.ts';

/** Between two looks at what was kept or left behind. */
const sweepMs = 3_600_000;

/** @throws AppError `unavailable` if no outcome could be kept: then no task is to be begun */
export async function requireSpool({ spool, options }: RunnerState): Promise<void> {
  try {
    await spool.check();
  } catch (error) {
    const folder = join(options.dataDir, 'spool');
    const message = `outcomes cannot be kept in ${folder}, so no task is begun: ${messageOf(error)}`;
    throw new AppError('unavailable', message, { cause: error });
  }
}

/**
 * Sees to what an earlier run of this runner left: first its processes, then the outcomes that it could not report.
 * Work trees are seen to meanwhile, and again every hour. Whatever fails is told, and holds up nothing.
 */
export async function recover(state: RunnerState): Promise<void> {
  await told(state, 'processes of an earlier run', () => endOrphans(state));
  await told(state, 'spooled outcomes', () => state.delivery.recover());
  const sweep = () => void told(state, 'work folders', () => state.attempts.workDirs.sweep());
  sweep();
  const again = () => {
    sweep();
    void told(state, 'spooled outcomes', () => state.delivery.recover());
  };
  state.timers.push(setInterval(again, sweepMs).unref());
}

/**
 * Ends what runners on this data folder have started whose life is over, whatever they were called. Those of another
 * runner that still runs are left alone.
 */
async function endOrphans(state: RunnerState): Promise<void> {
  const { logger, graceSeconds } = state.options;
  const { life } = state.attempts;
  const ended = await endMarked(
    async (mark) => mark.data === life.data && (await isOver(mark, life)),
    graceSeconds * 1000,
  );
  if (ended === undefined)
    logger.warn('without /proc, processes that an earlier run has left cannot be found');
  else if (ended > 0) logger.warn(`${ended} processes of an earlier run were still there, and were ended`);
}

async function told(state: RunnerState, what: string, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    state.options.logger.error({ err: error }, `${what}: ${messageOf(error)}`);
  }
}
