import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { AppError, type FieldProblem, messageOf } from '../domain/errors.ts';
import type { OutcomeLabels } from '../domain/labels.ts';
import { normalizeOutcome, type OutcomeReport, outcomeReport, type TaskMetric } from '../domain/outcome.ts';
import { problemsOf } from '../domain/problems.ts';
import type { Store } from '../domain/store.ts';

export interface IngestOptions {
  store: Store;
  taskTypes: readonly string[];
  clock: Clock;
  /** Puts a price on an outcome that has none, where it is known. */
  price: (metric: TaskMetric) => TaskMetric;
  /** Told of each outcome that is recorded and counted, with its bounded labels. */
  onOutcome: (metric: TaskMetric, labels: OutcomeLabels) => void;
}

/** A sender's clock may be ahead of ours by this much. */
const tolerance = 5 * 60 * 1000;
const mostInOneBody = 10_000;
/** Of the refused records of one body so many are listed; all are counted. */
const mostRefusedListed = 100;

/** What is taken to be looked at; each record is validated by itself, so that its errors say where they are. */
export const ingestBody = z.union([z.array(z.unknown()).min(1).max(mostInOneBody), z.looseObject({})]);
export const documentedIngest = z.union([outcomeReport, z.array(outcomeReport).min(1).max(mostInOneBody)]);

const refusedRecord = z.object({
  line: z.int().meta({ description: 'From 1; in a JSON list the place in it.' }),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});
type RefusedRecord = z.infer<typeof refusedRecord>;

export const ingestAnswer = z
  .object({
    recorded: z.int(),
    duplicates: z.int().meta({ description: 'Known already by (task_id, attempt): counted once.' }),
    refused: z.array(refusedRecord).meta({
      description: `What was not stored, the first ${mostRefusedListed}: lines of NDJSON that are no outcome, outcomes of tasks that Andon’s own runners report.`,
    }),
    refused_count: z.int(),
  })
  .meta({ id: 'IngestAnswer' });
type IngestAnswer = z.infer<typeof ingestAnswer>;

/** One record, or a list: where one is not an outcome nothing is stored. @throws AppError `invalid`, `conflict` */
export async function ingestJson(options: IngestOptions, body: unknown): Promise<IngestAnswer> {
  const many = Array.isArray(body);
  const reports: NumberedReport[] = [];
  const problems: FieldProblem[] = [];
  for (const [index, item] of (many ? body : [body]).entries()) {
    const parsed = parseReport(options, item, many ? `/${index}` : '');
    if (parsed.ok) reports.push({ line: index + 1, report: parsed.report });
    else problems.push(...parsed.problems);
    if (problems.length >= 20) break;
  }
  if (problems.length > 0) {
    const summary = problems.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
    throw new AppError('invalid', `nothing was stored: ${summary}`.slice(0, 2000), { problems });
  }
  const answer = await record(options, reports, []);
  const [refused] = answer.refused;
  if (!many && refused) {
    throw new AppError('conflict', `nothing was stored: ${ownTask}`, { problems: refused.errors });
  }
  return answer;
}

/** NDJSON: the good lines are stored, the others reported. @throws AppError `too_large` if there are too many */
export async function ingestLines(options: IngestOptions, raw: string): Promise<IngestAnswer> {
  const lines = raw.trimEnd().split('\n', mostInOneBody + 1);
  if (lines.length > mostInOneBody) {
    throw new AppError('too_large', `nothing was stored: a body may have ${mostInOneBody} lines at most`);
  }
  const reports: NumberedReport[] = [];
  const refused: RefusedRecord[] = [];
  for (const [index, text] of lines.entries()) {
    if (text.trim() === '') continue;
    const line = index + 1;
    const parsed = parseLine(options, text);
    if (parsed.ok) reports.push({ line, report: parsed.report });
    else refused.push({ line, errors: parsed.problems });
  }
  return record(options, reports, refused);
}

interface NumberedReport {
  line: number;
  report: OutcomeReport;
}
type Parsed = { ok: true; report: OutcomeReport } | { ok: false; problems: FieldProblem[] };

function parseLine(options: IngestOptions, line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { ok: false, problems: [{ pointer: '', detail: `is not JSON: ${messageOf(error)}` }].map(cut) };
  }
  const parsed = parseReport(options, value, '');
  return parsed.ok ? parsed : { ok: false, problems: parsed.problems.map(cut) };
}

function parseReport({ taskTypes, clock }: IngestOptions, value: unknown, prefix: string): Parsed {
  const parsed = outcomeReport.safeParse(value);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error, prefix) };
  const report = parsed.data;
  const problems: FieldProblem[] = [];
  if (!taskTypes.includes(report.task_type)) {
    problems.push({ pointer: `${prefix}/task_type`, detail: `must be one of ${taskTypes.join(', ')}` });
  }
  if (report.created_at && Date.parse(report.created_at) > clock() + tolerance) {
    problems.push({ pointer: `${prefix}/created_at`, detail: 'is in the future' });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, report };
}

/** What a line says of itself is repeated no longer than this. */
function cut({ pointer, detail }: FieldProblem): FieldProblem {
  return { pointer: pointer.slice(0, 200), detail: detail.slice(0, 200) };
}

const ownTask = 'task_id is that of a task here, whose outcomes only its runner reports';

async function record(
  { store, clock, price, onOutcome }: IngestOptions,
  reports: NumberedReport[],
  unreadable: RefusedRecord[],
): Promise<IngestAnswer> {
  const now = new Date(clock()).toISOString();
  const metrics = reports.map(({ report }) => price(normalizeOutcome(report, now)));
  const answers = metrics.length > 0 ? await store.outcomes.record(metrics) : [];
  const refused = [...unreadable];
  let recorded = 0;
  let duplicates = 0;
  for (const [index, { result, labels, counted }] of answers.entries()) {
    const metric = metrics[index];
    if (result === 'recorded') recorded += 1;
    if (result === 'duplicate') duplicates += 1;
    if (result === 'own_task') {
      const line = reports[index]?.line ?? 0;
      refused.push({ line, errors: [{ pointer: '/task_id', detail: ownTask }] });
    }
    if (counted && metric) onOutcome(metric, labels);
  }
  refused.sort((a, b) => a.line - b.line);
  return {
    recorded,
    duplicates,
    refused: refused.slice(0, mostRefusedListed),
    refused_count: refused.length,
  };
}
