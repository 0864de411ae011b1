import { rm } from 'node:fs/promises';
import { messageOf } from '../domain/errors.ts';
import { releaseFolder } from './empty-folder.ts';
import { isOver } from './runner-life.ts';
import type { WorkContext } from './work-context.ts';
import type { WorkRecord } from './work-record.ts';
import { hasTree, WorkTree } from './work-tree.ts';

/** Takes away what was kept long enough, and sees to what a runner that died has left. */
export async function sweepWorkDirs(context: WorkContext): Promise<void> {
  await context.records.removeUnfinished();
  for (const { name, record } of await context.records.list()) {
    try {
      await sweepOne(context, name, record);
    } catch (error) {
      context.logger.warn(`work folder ${name} cannot be swept: ${messageOf(error)}`);
    }
  }
}

async function sweepOne(context: WorkContext, name: string, record: WorkRecord): Promise<void> {
  const { records, now, life, logger } = context;
  const expired = record.keep_until !== undefined && record.keep_until <= now();
  if (record.keep_until === undefined && !(await isOver(record, life))) return;
  if (record.keep_until !== undefined && !expired) return;
  if (hasTree(record)) {
    const tree = new WorkTree(name, record, context);
    await (expired ? tree.remove() : tree.release({ failed: true }));
  } else if (expired) {
    await rm(records.path(name), { recursive: true, force: true });
    await records.remove(name);
  } else {
    await releaseFolder(context, name, record, true);
  }
  if (expired) logger.info(`work folder ${name} was kept long enough, and is gone`);
}
