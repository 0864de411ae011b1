import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reply, ServiceUnderTest } from '../service-under-test.ts';

/** One alert as Alertmanager sends it. */
export function alertPayload(changes: object = {}) {
  return {
    status: 'firing',
    labels: {
      alertname: 'AgentRepeatedFailures',
      category: 'pipeline',
      component: 'andon',
      project: 'shop',
      severity: 'warning',
      task_type: 'test',
    } as Record<string, unknown>,
    annotations: { summary: 'Agent tasks of one type fail again and again.' } as Record<string, unknown>,
    startsAt: '2026-03-02T09:00:00.123Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://localhost:9090/graph',
    fingerprint: 'f0',
    ...changes,
  };
}

/** The alert about another project. */
export function alertAbout(project: string, changes: object = {}) {
  const { labels } = alertPayload();
  return alertPayload({ labels: { ...labels, project }, fingerprint: `f-${project}`, ...changes });
}

/** A call of Alertmanager's webhook. */
export function webhookPayload(alerts: object[], changes: object = {}) {
  return {
    version: '4',
    groupKey: '{}:{alertname="AgentRepeatedFailures"}',
    receiver: 'andon',
    status: 'firing',
    truncatedAlerts: 0,
    alerts,
    externalURL: 'http://localhost:9093',
    ...changes,
  };
}

export function alertToken({ folder }: { folder: string }): string {
  return readFileSync(join(folder, 'alert-token'), 'utf8').trim();
}

/** Calls the webhook, and waits until all is worked off. */
export async function deliver(
  service: ServiceUnderTest,
  alerts: object[],
  changes: object = {},
): Promise<Reply> {
  const reply = await service.send('POST', '/api/alerts', webhookPayload(alerts, changes), {
    token: alertToken(service),
  });
  while ((await service.store.alerts.webhookState()).unsettled > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return reply;
}
