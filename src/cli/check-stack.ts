import { z } from 'zod';
import { createApiClient, serviceUrlOf } from '../app/api-client.ts';
import { type Config, loadConfig, objectivesOf } from '../config.ts';
import { systemClock } from '../domain/clock.ts';
import { messageOf } from '../domain/errors.ts';
import { heartbeatAlert } from '../monitoring/alertmanager-config.ts';
import { durationSeconds } from '../monitoring/objectives.ts';
import { bad, type CheckResult, checkAlertmanager, checkPrometheus, good } from '../stack/stack-check.ts';
import { jobs } from '../telemetry/names.ts';
import type { CheckOptions } from './check.ts';
import { say } from './terminal.ts';

/** Looks at the service, Prometheus and Alertmanager, and says what is in order and what is not. */
export async function checkStack(options: CheckOptions): Promise<void> {
  const config = loadConfig({
    file: options.config,
    overrides: { data_dir: options.data, 'runner.service_url': options.service },
  });
  const { prometheus, alertmanager } = config.monitoring;
  const where = {
    jobs,
    objectives: objectivesOf(config),
    prometheusUrl: options.prometheus ?? `http://127.0.0.1:${prometheus.port}`,
    alertmanagerUrl: options.alertmanager ?? `http://127.0.0.1:${alertmanager.port}`,
  };
  const results = [
    ...(await checkService(config)),
    ...(await checkPrometheus(where)),
    ...(await checkAlertmanager(where)),
  ];
  if (options.json) say(JSON.stringify(results));
  else for (const result of results) for (const line of linesOf(result)) say(line);
  if (results.some(({ ok }) => !ok)) process.exitCode = 1;
}

const page = z.object({
  items: z.array(z.object({ name: z.string(), received_at: z.string(), status: z.string() })),
});

/** Whether the service answers, and has heard of Alertmanager lately. */
async function checkService(config: Config): Promise<CheckResult[]> {
  const url = serviceUrlOf(config);
  try {
    const { items } = await createApiClient(config).get('/api/agent/alerts?status=firing&limit=500', page);
    const { heartbeat } = objectivesOf(config).people;
    const heard = items.find(({ name }) => name === heartbeatAlert);
    const seconds = heard && (systemClock() - Date.parse(heard.received_at)) / 1000;
    const lately = seconds !== undefined && seconds < 3 * durationSeconds(heartbeat);
    return [
      good(`The service answers at ${url}`),
      lately
        ? good(`Alertmanager called it ${Math.round(seconds)} s ago`)
        : bad(
            seconds === undefined
              ? 'Alertmanager has not called it yet'
              : `Alertmanager last called it ${Math.round(seconds / 60)} min ago`,
            `it calls every ${heartbeat} when all is connected; Alertmanager's own log says what it could not reach`,
          ),
    ];
  } catch (error) {
    return [bad(messageOf(error), 'andon start, or andon service, starts it')];
  }
}

function linesOf({ ok, what, advice }: CheckResult): string[] {
  return [`${ok ? 'ok   ' : 'FAIL '} ${what}`, ...(advice ? [`      → ${advice}`] : [])];
}
