import { z } from 'zod';
import type { Budget } from '../domain/budget.ts';
import type { Clock } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import { foldModelName } from '../domain/model-name.ts';
import type { Store } from '../domain/store.ts';
import { metricsSummary, summarizeMetrics } from '../reports/metrics-summary.ts';
import { morningReport, readMorningReport } from '../reports/morning-report.ts';
import { type AttentionLimits, pipelineStatus, readPipelineStatus } from '../reports/pipeline-status.ts';
import { reportMarkdown, reportText } from '../reports/report-text.ts';
import {
  documentedIngest,
  type IngestOptions,
  ingestAnswer,
  ingestBody,
  ingestJson,
  ingestLines,
} from './outcome-ingest.ts';
import { isNdjson, type Route, route } from './route.ts';

export interface MetricsRoutesOptions extends IngestOptions {
  store: Store;
  clock: Clock;
  /** From when on failures ask for attention: the objectives of the alert about them. */
  attention: AttentionLimits;
  budget: Budget;
}

const timeWindow = {
  window: z
    .string()
    .regex(/^[1-9]\d{0,3}[smhdw]$/, 'must be a number from 1 and one of s, m, h, d, w, like 24h or 7d')
    .default('7d')
    .meta({
      description: 'How far back from `to`: `30m`, `24h`, `7d`, `4w`; not read where `from` is given.',
    }),
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'The begin; before `to`, and before now if that is absent.' }),
  to: z.iso
    .datetime({ offset: true })
    .optional()
    .meta({ description: 'The end, not included; now if absent.' }),
};
type TimeWindow = z.output<z.ZodObject<typeof timeWindow>>;
const reportWindow = { ...timeWindow, window: timeWindow.window.unwrap().default('24h') };

const windowQuery = z.strictObject({
  ...timeWindow,
  project: z.string().optional(),
  task_type: z.string().optional(),
  model: z.string().optional().meta({
    description: 'A date or a mark such as `[1m]` in the name is passed over, as in the labels.',
  }),
  executor: z.string().optional(),
  variant: z.string().optional(),
});

/** The contract, and the way in for foreign runners. */
export function metricsRoutes(options: MetricsRoutesOptions): Route[] {
  const { store, clock, attention, budget } = options;
  return [
    route({
      method: 'get',
      path: '/api/agent/metrics',
      summary: 'Success, time, attempts, verdicts and usage in a window',
      scope: 'read',
      query: windowQuery,
      answers: { 200: { description: 'The figures', schema: metricsSummary } },
      async handle({ query: { window, from, to, ...filter } }) {
        const model = filter.model && foldModelName(filter.model);
        const bounds = boundsOf({ window, from, to }, clock);
        return { body: await summarizeMetrics(store.outcomes, { ...filter, model, ...bounds }) };
      },
    }),
    route({
      method: 'get',
      path: '/api/agent/pipeline-status',
      summary: 'What runs, what waits, what needs a person',
      scope: 'read',
      query: z.strictObject({}),
      answers: { 200: { description: 'The status now', schema: pipelineStatus } },
      handle: async () => ({ body: await readPipelineStatus(store, clock, attention, budget) }),
    }),
    route({
      method: 'get',
      path: '/api/agent/report',
      summary: 'What was done, failed, spent and fired in a window, and what needs a person now',
      scope: 'read',
      query: z.strictObject({
        ...reportWindow,
        format: z.enum(['json', 'text', 'markdown']).default('json'),
      }),
      answers: {
        200: { description: 'The report; a page of text or Markdown if so asked', schema: morningReport },
      },
      async handle({ query: { format, ...window } }, response) {
        const report = await readMorningReport(store, {
          clock,
          limits: attention,
          ...boundsOf(window, clock),
        });
        if (format === 'json') return { body: report };
        response.type(`text/${format === 'text' ? 'plain' : 'markdown'}; charset=utf-8`);
        response.send(`${format === 'text' ? reportText(report) : reportMarkdown(report)}\n`);
        return undefined;
      },
    }),
    route({
      method: 'post',
      path: '/api/agent/metrics',
      summary: 'Record outcomes of any runner: one, an array, or NDJSON; idempotent by (task_id, attempt)',
      scope: 'report',
      body: ingestBody,
      documentedBody: documentedIngest,
      ndjson: true,
      answers: { 200: { description: 'What was recorded', schema: ingestAnswer } },
      handle: async ({ body, raw, request }) => ({
        body: isNdjson(request) ? await ingestLines(options, raw) : await ingestJson(options, body),
      }),
    }),
  ];
}

/** @throws AppError `invalid` if the window ends before it begins */
function boundsOf({ window, from, to }: TimeWindow, clock: Clock): { from: number; to: number } {
  // The end is not part of a window, and an outcome of this very moment is to be in it.
  const end = to ? Date.parse(to) : clock() + 1;
  const begin = from ? Date.parse(from) : end - windowSeconds(window) * 1000;
  if (begin >= end) throw notBefore();
  return { from: begin, to: end };
}

function notBefore(): AppError {
  const detail = 'must be before to, or before now where to is absent';
  return new AppError('invalid', `query: /from ${detail}`, { problems: [{ pointer: '/from', detail }] });
}

function windowSeconds(window: string): number {
  const secondsOf: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  return Number(window.slice(0, -1)) * (secondsOf[window.slice(-1)] ?? 0);
}
