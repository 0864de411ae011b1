import { z } from 'zod';
import { deliverySummary, receivedAlerts, type StoredAlert, webhookPayload } from '../domain/alert.ts';
import type { AlertStore } from '../domain/alert-store.ts';
import { AppError } from '../domain/errors.ts';
import { cursorQuery, pageSchema } from './paging.ts';
import { type Route, route } from './route.ts';

export interface AlertRoutesOptions {
  alerts: AlertStore;
  /** Whether an alert is one that Andon declares. */
  isOurs: (alert: StoredAlert) => boolean;
  /** Told that there is something to work off, after it is durable; and how many alerts the sender left out. */
  onReceived: (leftOut: number) => void;
}

/** One group of 5,000 alerts is 3 MB, and a 413 would lose it. */
const bodyLimit = 32 * 1024 * 1024;

const storedAlert = z
  .object({
    fingerprint: z.string(),
    name: z.string(),
    ours: z.boolean().meta({ description: 'False: it is stored and shown, and never becomes a task.' }),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    status: z.enum(['firing', 'resolved']),
    starts_at: z.string(),
    ends_at: z.string().optional(),
    received_at: z.string(),
    deliveries: z.int(),
  })
  .meta({ id: 'StoredAlert' });

/** The webhook of Alertmanager and Grafana, and what it has brought. */
export function alertRoutes(options: AlertRoutesOptions): Route[] {
  return [webhookRoute(options), alertListRoute(options), ...deliveryRoutes(options)];
}

function webhookRoute({ alerts, onReceived }: AlertRoutesOptions): Route {
  return route({
    method: 'post',
    path: '/api/alerts',
    summary:
      'The webhook of Alertmanager (version 4) and of Grafana’s own alerting: stored before it is answered, worked off afterwards',
    scope: 'alert',
    body: webhookPayload,
    bodyLimit,
    answers: { 200: { description: 'Stored', schema: z.object({ received: z.int() }) } },
    async handle({ body, raw }) {
      const received = receivedAlerts(body);
      await alerts.receive({ raw, alerts: received });
      onReceived(body.truncatedAlerts ?? 0);
      return { body: { received: received.length } };
    },
  });
}

function alertListRoute({ alerts, isOurs }: AlertRoutesOptions): Route {
  return route({
    method: 'get',
    path: '/api/agent/alerts',
    summary: 'The alerts that were received in the last 30 days, latest first',
    scope: 'read',
    query: z.strictObject({
      ...cursorQuery,
      status: z.enum(['firing', 'resolved']).optional(),
    }),
    answers: { 200: { description: 'A page', schema: pageSchema(storedAlert) } },
    async handle({ query }) {
      const { items, next_cursor } = await alerts.list(query);
      return { body: { items: items.map((alert) => ({ ...alert, ours: isOurs(alert) })), next_cursor } };
    },
  });
}

/** The calls as they came, for whoever asks why something did or did not happen. */
function deliveryRoutes({ alerts }: AlertRoutesOptions): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/agent/alerts/deliveries',
      summary: 'The calls of the webhook in the last 30 days, latest first',
      scope: 'read',
      query: z.strictObject(cursorQuery),
      answers: { 200: { description: 'A page', schema: pageSchema(deliverySummary) } },
      handle: async ({ query }) => ({ body: await alerts.listDeliveries(query) }),
    }),
    route({
      method: 'get',
      path: '/api/agent/alerts/deliveries/{id}',
      summary: 'The body of a call of the webhook, as it came',
      scope: 'read',
      params: z.object({ id: z.string().regex(/^\d{1,15}$/, 'must be a number') }),
      answers: { 200: { description: 'The body', schema: z.looseObject({}) } },
      async handle({ params: { id } }, response) {
        const raw = await alerts.findDelivery(id);
        if (raw === undefined) throw new AppError('not_found', `there is no call ${id}: it may be too old`);
        response.type('application/json').send(raw);
        return undefined;
      },
    }),
  ];
}
