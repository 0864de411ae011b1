import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { systemClock } from '../domain/clock.ts';
import { AppError, messageOf } from '../domain/errors.ts';
import { inheritedEnvironment } from '../environment.ts';
import { deliverBesides, deliverSpooled } from '../exec/delivery.ts';
import { type IngestAnswer, refusalOf } from '../exec/metrics-sender.ts';
import { projectOf } from '../exec/project-name.ts';
import { readyRecords, sendRecords } from '../exec/ready-records.ts';
import { describeReport, runReport } from '../exec/run-report.ts';
import { readTags } from '../exec/run-tags.ts';
import { readSavedResult } from '../exec/saved-result.ts';
import { createExecutors } from '../executors/registry.ts';
import { secretsOf } from '../runner/secrets.ts';
import type { IngestOptions } from './ingest.ts';
import { type Reporting, reportingTo } from './reporting.ts';
import { tagsOf } from './reporting-options.ts';
import { complain, say } from './terminal.ts';

const spoolMs = 60_000;
/** How long what waits in the spool may keep the user, who has asked for something else. */
const besidesMs = 2000;

/** Records what is in the files, and what waits in the spool. Sets the exit code to 1 if not all of it is recorded. */
export async function ingestFiles(files: string[], options: IngestOptions): Promise<void> {
  if (files.length === 0 && !options.spooled) {
    throw new AppError('invalid', 'name a file, - for stdin, or --spooled');
  }
  if (files.length > 1 && options.taskId !== undefined) {
    throw new AppError('invalid', '--task-id is the id of one run: give one file');
  }
  const reporting = reportingTo(options);
  let wrong = false;
  for (const file of files) {
    try {
      wrong = !(await ingestFile(file, options, reporting)) || wrong;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      complain(`${file}: ${messageOf(error)}`);
      wrong = true;
    }
  }
  if (options.spooled) wrong = !(await deliver(reporting)) || wrong;
  else if (!wrong) await deliverBesides({ ...reporting, onTrouble: complain, timeoutMs: besidesMs });
  if (wrong) process.exitCode = 1;
}

/** True if all of it is recorded. @throws AppError that says what is wrong with it */
async function ingestFile(
  file: string,
  options: IngestOptions,
  { config, service }: Reporting,
): Promise<boolean> {
  const content = await contentOf(file);
  const ready = readyRecords(content.toString());
  if (ready) return tell(file, await sendRecords(ready, service));
  const result = readSavedResult(content, {
    executors: createExecutors(config.executors),
    executor: options.executor,
    exitCode: options.exitCode,
  });
  const duration_seconds = options.duration ?? result.duration_seconds;
  if (duration_seconds === undefined) {
    throw new AppError('invalid', `${result.executor} does not tell how long it ran: say --duration`);
  }
  const report = runReport({
    tags: readTags({
      ...tagsOf(options),
      task_id: options.taskId ?? result.task_id,
      project: options.project ?? projectOf('.'),
    }),
    executor: result.executor,
    interpretation: result.interpretation,
    duration_seconds,
    created_at: options.createdAt === undefined ? systemClock() : Date.parse(options.createdAt),
    secrets: secretsOf(inheritedEnvironment()),
  });
  return tell(file, await sendRecords([JSON.stringify(report)], service), describeReport(report));
}

/** Says what became of a file's records. */
function tell(file: string, { recorded, duplicates, refused }: IngestAnswer, what?: string): boolean {
  if (recorded > 0) say(`${file}: ${what ?? `${recorded} recorded`}`);
  if (duplicates > 0)
    say(`${file}: ${what && recorded === 0 ? `${what}: ` : `${duplicates} `}recorded before`);
  for (const one of refused) {
    complain(`${file}: ${what ? '' : `line ${one.line}: `}refused: ${refusalOf(one)}`);
  }
  return refused.length === 0;
}

async function deliver({ service, spool }: Reporting): Promise<boolean> {
  const { recorded, duplicates, refused, waiting, elsewhere } = await deliverSpooled({
    service,
    spool,
    onTrouble: complain,
    timeoutMs: spoolMs,
  });
  const parts = [
    `${recorded} recorded`,
    ...(duplicates > 0 ? [`${duplicates} recorded before`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(waiting > 0 ? [`${waiting} still wait`] : []),
    ...(elsewhere > 0 ? [`${elsewhere} for another service (ingest the file to record it here)`] : []),
  ];
  say(`${spool.folder}: ${parts.join(', ')}`);
  return refused === 0 && waiting === 0;
}

async function contentOf(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (cause) {
    throw new AppError('invalid', `cannot be read: ${messageOf(cause)}`, { cause });
  }
}
