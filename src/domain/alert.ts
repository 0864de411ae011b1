import { z } from 'zod';
import type { ImprovementState } from './improvement-state.ts';
import { labelFingerprint } from './label-fingerprint.ts';

/**
 * Labels and annotations are text to Prometheus. Another sender's numbers and flags are taken as they are written,
 * and what has no text form is left out: it must not cost the group.
 */
const labelSet = z.record(z.string(), z.unknown()).transform(plainMembers);

function plainMembers(members: Record<string, unknown>): Record<string, string> {
  const plain = Object.entries(members).flatMap(([name, value]) => {
    if (typeof value === 'string') return [[name, value]];
    return typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(plain);
}

/** Go's zero time (year 1) stands for "not ended". */
const time = z.iso.datetime({ offset: true });

/** What is only kept: of whatever type it comes, it is no reason to refuse the group. */
const kept = (description: string) => z.unknown().optional().meta({ description });

/**
 * One alert of Alertmanager's webhook, version 4, or of Grafana's own alerting, which adds to it. Missing and unknown
 * fields are taken as they come.
 */
export const alertPayload = z
  .looseObject({
    status: z.enum(['firing', 'resolved']),
    labels: labelSet,
    annotations: labelSet.nullish().transform((members) => members ?? {}),
    startsAt: time,
    endsAt: time.nullish().catch(undefined),
    fingerprint: z.string().max(128).nullish().meta({
      description: 'Whose alert it is; computed from the labels as Alertmanager does, if it is missing.',
    }),
    generatorURL: kept('Where the rule is.'),
    values: kept('Grafana: the figures of the rule’s expressions.'),
    valueString: kept('Grafana: the same as text.'),
    dashboardURL: kept('Grafana'),
    panelURL: kept('Grafana'),
    silenceURL: kept('Grafana'),
  })
  .transform((alert) => ({
    ...alert,
    fingerprint: alert.fingerprint || labelFingerprint(alert.labels),
  }));

/** Alertmanager's webhook, version 4, and that of Grafana's own alerting. Only what Andon reads is asked for. */
export const webhookPayload = z
  .looseObject({
    truncatedAlerts: z.int().min(0).nullish().catch(undefined).meta({
      description: 'How many alerts of the group the sender left out (`max_alerts`).',
    }),
    alerts: z.array(alertPayload),
    status: kept('Of the group. Not read: it is computed after the group was cut.'),
    version: kept('`4`; from Grafana `1`'),
    groupKey: kept('Not read: it changes with the configuration of the sender.'),
    receiver: kept('Whom it was sent to.'),
    externalURL: kept('Where the sender is.'),
    orgId: kept('Grafana'),
    title: kept('Grafana'),
    message: kept('Grafana'),
    state: kept('Grafana'),
  })
  .meta({ id: 'AlertmanagerWebhook' });
export type WebhookPayload = z.output<typeof webhookPayload>;

/** What is kept of an alert: one for each fingerprint, in its last known state. */
export interface StoredAlert {
  fingerprint: string;
  name: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  status: 'firing' | 'resolved';
  starts_at: string;
  ends_at?: string;
  /** When a call last said something new about it. */
  received_at: string;
  /** How many calls have brought this episode (this `starts_at`) while it fired. */
  deliveries: number;
}

/** One alert as a delivery brought it. */
export type ReceivedAlert = Omit<StoredAlert, 'received_at' | 'deliveries'>;

/** One call of the webhook, as it is kept before it is answered. */
export interface AlertDelivery {
  raw: string;
  alerts: ReceivedAlert[];
}

/** A call that is kept; `bytes` of its body. */
export const deliverySummary = z
  .object({ id: z.string(), received_at: z.string(), alerts: z.int(), bytes: z.int() })
  .meta({ id: 'AlertDelivery' });
export type DeliverySummary = z.infer<typeof deliverySummary>;

/** An alert that fires, and what came of it. */
export interface FiringAlert extends StoredAlert {
  improvement?: { id: string; state: ImprovementState };
}

/** How long the calls are kept as they came, and alerts that no call tells of any more: 30 days. */
export const alertRetentionSeconds = 30 * 24 * 3600;

/** What a call brings, in our words. */
export function receivedAlerts({ alerts }: WebhookPayload): ReceivedAlert[] {
  return alerts.map((alert) => ({
    fingerprint: alert.fingerprint,
    name: alert.labels.alertname ?? '',
    labels: alert.labels,
    annotations: alert.annotations,
    status: alert.status,
    starts_at: new Date(alert.startsAt).toISOString(),
    ends_at: alert.status === 'resolved' && alert.endsAt ? new Date(alert.endsAt).toISOString() : undefined,
  }));
}
