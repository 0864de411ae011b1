import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { AppError, whyNot } from '../domain/errors.ts';

const status = z.object({
  versionInfo: z.object({ version: z.string() }),
  config: z.object({ original: z.string() }),
});

const receiver = z.looseObject({
  name: z.string(),
  webhook_configs: z.array(z.looseObject({ url: z.string().optional() })).default([]),
});

/** What is read of Alertmanager's configuration; newer versions hide the addresses of webhooks. */
const configuration = z.looseObject({
  receivers: z.array(receiver).default([]),
  inhibit_rules: z.array(z.unknown()).nullish(),
});
export type AlertmanagerConfiguration = z.output<typeof configuration>;

const alert = z.object({
  labels: z.record(z.string(), z.string()),
  receivers: z.array(z.object({ name: z.string() })),
});

/** @throws AppError `unavailable` if it cannot be asked */
export async function alertmanagerStatus(
  url: string,
): Promise<{ version: string; configuration: AlertmanagerConfiguration }> {
  const { versionInfo, config } = status.parse(await ask(url, '/api/v2/status'));
  return { version: versionInfo.version, configuration: configuration.parse(parseYaml(config.original)) };
}

/** The names of the receivers that the active alerts with this name go to. @throws AppError `unavailable` */
export async function receiversOf(url: string, alertname: string): Promise<string[]> {
  const filter = new URLSearchParams({ filter: `alertname="${alertname}"` });
  const found = z.array(alert).parse(await ask(url, `/api/v2/alerts?${filter}`));
  return [...new Set(found.flatMap(({ receivers }) => receivers.map(({ name }) => name)))];
}

async function ask(url: string, path: string): Promise<unknown> {
  try {
    const response = await fetch(url.replace(/\/+$/, '') + path, { signal: AbortSignal.timeout(10_000) });
    if (response.ok) return await response.json();
    throw new Error(`it answered ${response.status}`);
  } catch (cause) {
    throw new AppError('unavailable', `Alertmanager does not answer at ${url}: ${whyNot(cause)}`, {
      cause,
    });
  }
}
