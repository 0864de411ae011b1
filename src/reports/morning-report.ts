import { z } from 'zod';
import type { StoredAlert } from '../domain/alert.ts';
import type { Clock } from '../domain/clock.ts';
import { type ErrorClass, faultOf } from '../domain/outcome.ts';
import type { Store } from '../domain/store.ts';
import { type MetricsSummary, summaryOf } from './metrics-summary.ts';
import { type AttentionLimits, readPipelineStatus } from './pipeline-status.ts';

const count = z.int();
const usd = z.number().nullable();

/** What a person wants to know in the morning: of a window that has ended, and what waits for them now. */
export const morningReport = z
  .object({
    from: z.string(),
    to: z.string(),
    tasks: z.object({
      completed: count,
      failed: count,
      accepted: count,
      rejected: count,
      reverted: count,
    }),
    projects: z.array(
      z.object({
        project: z.string(),
        completed: count,
        failed: count,
        cost_usd: usd,
        unpriced_attempts: count,
      }),
    ),
    failures: z
      .array(z.object({ error_class: z.string(), fault: z.string(), attempts: count }))
      .meta({ description: 'Attempts that failed; the most frequent class comes first.' }),
    spent: z.object({ cost_usd: usd, notional_cost_usd: usd, unpriced_attempts: count }),
    alerts: z
      .array(
        z.object({
          name: z.string(),
          severity: z.string(),
          summary: z.string(),
          about: z.string(),
          since: z.string(),
          until: z.string().optional().meta({ description: 'Absent while it fires.' }),
        }),
      )
      .meta({ description: 'What fired in the window or fires still; what fires comes first.' }),
    improvements: z.array(z.object({ id: z.string(), title: z.string() })).meta({
      description: 'Proposals that wait for approval.',
    }),
    attention: z.array(z.string()).meta({ description: 'What needs a person now; empty if nothing does.' }),
  })
  .meta({ id: 'MorningReport' });
export type MorningReport = z.infer<typeof morningReport>;

/** Alerts that always fire, to show that the way works. */
const heartbeat = 'Watchdog';
const most = 200;

/** Reads the report of `[from, to)`, in milliseconds. */
export async function readMorningReport(
  store: Store,
  options: { clock: Clock; from: number; to: number; limits: AttentionLimits },
): Promise<MorningReport> {
  const { clock, from, to, limits } = options;
  const window = { from, to };
  const [outcomes, alerts, proposed, status] = await Promise.all([
    store.outcomes.summarize(window),
    store.alerts.list({ limit: most }),
    store.improvements.list({ state: 'proposed', limit: most }),
    readPipelineStatus(store, clock, limits),
  ]);
  const all = summaryOf(outcomes, window);
  const byProject = [...Map.groupBy(outcomes, ({ project }) => project)].sort(([a], [b]) => (a < b ? -1 : 1));
  const projects = byProject.map(([project, ofProject]) => ({
    project,
    ...figuresOf(summaryOf(ofProject, window)),
  }));
  const { accepted, rejected, reverted } = all.verdicts;
  const { completed, failed } = all.success_rate;
  const { cost_usd, notional_cost_usd, unpriced_attempts } = all.usage;
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    tasks: { completed, failed, accepted, rejected, reverted },
    projects,
    failures: failuresOf(all),
    spent: { cost_usd, notional_cost_usd, unpriced_attempts },
    alerts: alerts.items
      .filter((alert) => firedIn(alert, window))
      .map(briefOf)
      .sort(firingFirst),
    improvements: proposed.items.map(({ id, title }) => ({ id, title })),
    attention: status.attention.flags,
  };
}

/** Whether nothing fires and nobody is waited for. */
export function allWell({ alerts, improvements, attention }: MorningReport): boolean {
  return alerts.every(({ until }) => until !== undefined) && improvements.length + attention.length === 0;
}

function figuresOf({ success_rate, usage }: MetricsSummary) {
  const { completed, failed } = success_rate;
  return { completed, failed, cost_usd: usage.cost_usd, unpriced_attempts: usage.unpriced_attempts };
}

function failuresOf({ attempts }: MetricsSummary): MorningReport['failures'] {
  return Object.entries(attempts.by_error_class)
    .map(([error_class, count]) => ({
      error_class,
      fault: error_class in faultOf ? faultOf[error_class as ErrorClass] : 'attempt',
      attempts: count,
    }))
    .sort((a, b) => b.attempts - a.attempts || a.error_class.localeCompare(b.error_class));
}

function firedIn(
  { name, status, starts_at, ends_at, received_at }: StoredAlert,
  window: { from: number; to: number },
) {
  if (name === heartbeat) return false;
  const end = status === 'firing' ? window.to : Date.parse(ends_at ?? received_at);
  return Date.parse(starts_at) < window.to && end >= window.from;
}

function briefOf({ name, labels, annotations, status, starts_at, ends_at }: StoredAlert) {
  const { alertname, severity = '', component, category, ...rest } = labels;
  return {
    name: alertname ?? name,
    severity,
    summary: annotations.summary ?? name,
    about: Object.values(rest).join(', '),
    since: starts_at,
    ...(status === 'resolved' && { until: ends_at ?? starts_at }),
  };
}

function firingFirst(a: MorningReport['alerts'][number], b: MorningReport['alerts'][number]): number {
  const ended = Number(a.until !== undefined) - Number(b.until !== undefined);
  return ended || a.since.localeCompare(b.since);
}
