import { z } from 'zod';

const labelSet = z.record(z.string(), z.string());
/** Go's zero time (year 1) stands for "not ended". */
const time = z.iso.datetime({ offset: true });

/** One alert of Alertmanager's webhook, version 4. Missing and unknown fields are taken as they come. */
export const alertPayload = z.looseObject({
  status: z.enum(['firing', 'resolved']),
  labels: labelSet,
  annotations: labelSet.default({}),
  startsAt: time,
  endsAt: time.optional(),
  generatorURL: z.string().optional(),
  fingerprint: z.string().min(1).max(128),
});

/** Alertmanager's webhook, version 4. Only what Andon reads is asked for. */
export const webhookPayload = z
  .looseObject({
    version: z.string().optional(),
    groupKey: z.string().optional(),
    receiver: z.string().optional(),
    status: z.string().optional(),
    truncatedAlerts: z.int().optional(),
    externalURL: z.string().optional(),
    alerts: z.array(alertPayload).max(50_000),
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
  received_at: string;
  /** How many calls have brought this episode (this `starts_at`) while it fired. */
  deliveries: number;
}

/** One alert as a delivery brought it. */
export type ReceivedAlert = Omit<StoredAlert, 'received_at' | 'deliveries'>;

/** One call of the webhook, as it is kept before it is answered. */
export interface AlertDelivery {
  raw: string;
  received_at: string;
  alerts: ReceivedAlert[];
}
