import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { AppError, type FieldProblem, messageOf } from '../domain/errors.ts';
import type { OutcomeLabels } from '../domain/labels.ts';
import { normalizeOutcome, type OutcomeReport, outcomeReport, type TaskMetric } from '../domain/outcome.ts';
import { problemsOf } from '../domain/problems.ts';
import type { Store } from '../domain/store.ts';
import { metricsSummary, summarizeMetrics } from '../reports/metrics-summary.ts';
import { pipelineStatus, readPipelineStatus } from '../reports/pipeline-status.ts';
import { isNdjson, type Route, route } from './route.ts';

export interface MetricsRoutesOptions {
  store: Store;
  taskTypes: readonly string[];
  clock: Clock;
  onOutcome: (metric: TaskMetric, labels: OutcomeLabels) => void;
}

/** A sender's clock may be ahead of ours by this much. */
const tolerance = 5 * 60 * 1000;
const mostInOneBody = 10_000;

const windowQuery = z
  .strictObject({
    window: z
      .string()
      .regex(/^\d{1,4}[smhdw]$/, 'must be a number and one of s, m, h, d, w, like 24h or 7d')
      .default('7d')
      .meta({ description: 'How far back from `to`: `30m`, `24h`, `7d`, `4w`.' }),
    from: z.iso.datetime({ offset: true }).optional(),
    to: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'The end, not included; now if absent.' }),
    project: z.string().optional(),
    task_type: z.string().optional(),
    model: z.string().optional(),
    executor: z.string().optional(),
    variant: z.string().optional(),
  })
  .refine(({ from, to }) => !from || !to || Date.parse(from) < Date.parse(to), {
    path: ['from'],
    error: 'must be before to',
  });

const refusedLine = z.object({
  line: z.int(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })),
});
const ingestAnswer = z
  .object({
    recorded: z.int(),
    duplicates: z.int().meta({ description: 'Known already by (task_id, attempt): counted once.' }),
    refused: z.array(refusedLine).meta({ description: 'NDJSON only: the lines that were not stored.' }),
  })
  .meta({ id: 'IngestAnswer' });
type RefusedLine = z.infer<typeof refusedLine>;

/** The contract, and the way in for foreign runners. */
export function metricsRoutes(options: MetricsRoutesOptions): Route[] {
  const { store, clock } = options;
  return [
    route({
      method: 'get',
      path: '/api/agent/metrics',
      summary: 'Success, time, attempts, verdicts and usage in a window',
      scope: 'read',
      query: windowQuery,
      answers: { 200: { description: 'The figures', schema: metricsSummary } },
      async handle({ query: { window, from, to, ...filter } }) {
        // The end is not part of a window, and an outcome of this very moment is to be in it.
        const end = to ? Date.parse(to) : clock() + 1;
        const begin = from ? Date.parse(from) : end - windowSeconds(window) * 1000;
        return { body: await summarizeMetrics(store.outcomes, { ...filter, from: begin, to: end }) };
      },
    }),
    route({
      method: 'get',
      path: '/api/agent/pipeline-status',
      summary: 'What runs, what waits, what needs a person',
      scope: 'read',
      query: z.strictObject({}),
      answers: { 200: { description: 'The status now', schema: pipelineStatus } },
      handle: async () => ({ body: await readPipelineStatus(store, clock) }),
    }),
    route({
      method: 'post',
      path: '/api/agent/metrics',
      summary: 'Record outcomes of any runner: one, an array, or NDJSON; idempotent by (task_id, attempt)',
      scope: 'report',
      body: z.union([z.array(z.unknown()).min(1).max(mostInOneBody), z.looseObject({})]),
      ndjson: true,
      answers: { 200: { description: 'What was recorded', schema: ingestAnswer } },
      handle: async ({ body, raw, request }) => ({
        body: isNdjson(request) ? await ingestLines(options, raw) : await ingestJson(options, body),
      }),
    }),
  ];
}

/** All of it, or nothing. @throws AppError `invalid` that names each wrong field */
async function ingestJson(
  options: MetricsRoutesOptions,
  body: unknown,
): Promise<z.infer<typeof ingestAnswer>> {
  const many = Array.isArray(body);
  const reports: OutcomeReport[] = [];
  const problems: FieldProblem[] = [];
  for (const [index, item] of (many ? body : [body]).entries()) {
    const parsed = parseReport(options, item, many ? `/${index}` : '');
    if (parsed.ok) reports.push(parsed.report);
    else problems.push(...parsed.problems);
    if (problems.length >= 20) break;
  }
  if (problems.length > 0) {
    const summary = problems.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
    throw new AppError('invalid', `nothing was stored: ${summary}`.slice(0, 2000), { problems });
  }
  return { ...(await record(options, reports)), refused: [] };
}

/** The good lines are stored, the others reported. */
async function ingestLines(
  options: MetricsRoutesOptions,
  raw: string,
): Promise<z.infer<typeof ingestAnswer>> {
  const reports: OutcomeReport[] = [];
  const refused: RefusedLine[] = [];
  for (const [index, line] of raw.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = parseLine(options, line);
    if (parsed.ok) reports.push(parsed.report);
    else refused.push({ line: index + 1, errors: parsed.problems });
  }
  return { ...(await record(options, reports)), refused };
}

type Parsed = { ok: true; report: OutcomeReport } | { ok: false; problems: FieldProblem[] };

function parseLine(options: MetricsRoutesOptions, line: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return {
      ok: false,
      problems: [{ pointer: '', detail: `is not JSON: ${messageOf(error)}`.slice(0, 200) }],
    };
  }
  return parseReport(options, value, '');
}

function parseReport({ taskTypes, clock }: MetricsRoutesOptions, value: unknown, prefix: string): Parsed {
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

async function record({ store, clock, onOutcome }: MetricsRoutesOptions, reports: OutcomeReport[]) {
  const now = new Date(clock()).toISOString();
  const metrics = reports.map((report) => normalizeOutcome(report, now));
  const answers = metrics.length > 0 ? await store.outcomes.record(metrics) : [];
  let recorded = 0;
  for (const [index, { result, labels }] of answers.entries()) {
    const metric = metrics[index];
    if (result !== 'recorded' || !metric) continue;
    recorded += 1;
    onOutcome(metric, labels);
  }
  return { recorded, duplicates: answers.length - recorded };
}

function windowSeconds(window: string): number {
  const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  return Number(window.slice(0, -1)) * (secondsOf[window.slice(-1)] ?? 0);
}
