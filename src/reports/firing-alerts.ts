import { z } from 'zod';
import type { FiringAlert } from '../domain/alert.ts';
import type { AlertStore } from '../domain/alert-store.ts';
import { improvementStates } from '../domain/improvement-state.ts';

const firingAlert = z.object({
  name: z.string(),
  severity: z.string().optional(),
  since: z.string(),
  labels: z.record(z.string(), z.string()),
  summary: z.string().optional(),
  runbook_url: z.string().optional(),
  improvement_id: z.string().optional().meta({
    description: 'The latest improvement that came of it, or the digest that lists it.',
  }),
  state: z.enum(improvementStates).optional().meta({ description: 'Of that improvement.' }),
  stale: z.literal(true).optional().meta({
    description:
      'Alertmanager has not repeated it in time: it may have ended unheard, or be silenced or inhibited by now.',
  }),
});

/** What Alertmanager says that fires, as a part of the pipeline's status. */
export const firingAlerts = z.object({
  alerts: z.array(firingAlert).meta({
    description:
      'Those that fire now: ours first, the most severe first, and of these the oldest; at most 50.',
  }),
  alerts_firing: z.int().meta({ description: 'How many there are in all.' }),
});

const shown = 50;
/** What somebody else’s alert says may be of any length. */
const longestText = 500;
const mostLabels = 40;

/** Without `repeatSeconds` none is called stale. */
export async function readFiringAlerts(
  alerts: Pick<AlertStore, 'listFiring'>,
  now: number,
  repeatSeconds = Number.POSITIVE_INFINITY,
): Promise<z.infer<typeof firingAlerts>> {
  const firing = await alerts.listFiring(shown);
  return {
    alerts: firing.alerts.map((alert) => entryOf(alert, now - repeatSeconds * 1000)),
    alerts_firing: firing.total,
  };
}

function entryOf(alert: FiringAlert, staleBefore: number): z.infer<typeof firingAlert> {
  const { name, labels, annotations, starts_at, received_at, improvement } = alert;
  return {
    name,
    severity: labels.severity,
    since: starts_at,
    labels: Object.fromEntries(
      Object.entries(labels)
        .slice(0, mostLabels)
        .map(([label, value]) => [label, cut(value)]),
    ),
    summary: cut(annotations.summary),
    runbook_url: cut(annotations.runbook_url),
    ...(improvement && { improvement_id: improvement.id, state: improvement.state }),
    ...(Date.parse(received_at) < staleBefore && { stale: true as const }),
  };
}

function cut<T extends string | undefined>(text: T): T | string {
  return text === undefined ? text : text.slice(0, longestText);
}
