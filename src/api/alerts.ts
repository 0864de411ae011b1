import { z } from 'zod';
import { webhookPayload } from '../domain/alert.ts';
import type { Clock } from '../domain/clock.ts';
import type { AlertStore } from '../domain/store.ts';
import { receivedAlerts } from '../improvement/alert-intake.ts';
import { cursorQuery, pageSchema } from './paging.ts';
import { type Route, route } from './route.ts';

export interface AlertRoutesOptions {
  alerts: AlertStore;
  clock: Clock;
  /** Told that there is something to work off, after it is durable. */
  onReceived: () => void;
}

/** One group of 5,000 alerts is 3 MB, and a 413 would lose it. */
const bodyLimit = 32 * 1024 * 1024;

const storedAlert = z
  .object({
    fingerprint: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    status: z.enum(['firing', 'resolved']),
    starts_at: z.string(),
    ends_at: z.string().optional(),
    received_at: z.string(),
    deliveries: z.int(),
  })
  .meta({ id: 'StoredAlert' });

/** Alertmanager's webhook, and what it has brought. */
export function alertRoutes({ alerts, clock, onReceived }: AlertRoutesOptions): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/alerts',
      summary: 'Alertmanager’s webhook, version 4: stored before it is answered, worked off afterwards',
      scope: 'alert',
      body: webhookPayload,
      bodyLimit,
      answers: { 200: { description: 'Stored', schema: z.object({ received: z.int() }) } },
      async handle({ body, raw }) {
        const received = receivedAlerts(body);
        await alerts.receive({ raw, received_at: new Date(clock()).toISOString(), alerts: received });
        onReceived();
        return { body: { received: received.length } };
      },
    }),
    route({
      method: 'get',
      path: '/api/agent/alerts',
      summary: 'The alerts that were received, latest first',
      scope: 'read',
      query: z.strictObject({
        ...cursorQuery,
        status: z.enum(['firing', 'resolved']).optional(),
      }),
      answers: { 200: { description: 'A page', schema: pageSchema(storedAlert) } },
      handle: async ({ query }) => ({ body: await alerts.list(query) }),
    }),
  ];
}
