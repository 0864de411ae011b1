import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { dataPaths } from '../../src/app/data-paths.ts';
import { createService } from '../../src/app/service.ts';
import { objectivesOf, parseConfig } from '../../src/config.ts';
import { startMonitoring } from '../../src/stack/monitoring-stack.ts';
import { neededServer } from '../needed-server.ts';
import { andon, until } from '../process-under-test.ts';
import { temporaryFolder } from '../service-under-test.ts';

/** A service with both servers, and `andon check` of it. */
async function stack() {
  const folder = temporaryFolder();
  const settings = { data_dir: join(folder, 'data'), monitoring: { profile: 'demo' as const } };
  const config = parseConfig({ ...settings, service: { port: 0 } });
  const service = await createService(config, pino({ level: 'silent' }));
  onTestFinished(() => service.close());
  const monitoring = await startMonitoring({
    objectives: objectivesOf(config),
    serviceUrl: service.url,
    publicUrl: service.publicUrl,
    dataDir: join(folder, 'servers'),
    prometheus: { server: neededServer('prometheus'), port: 0 },
    alertmanager: { server: neededServer('alertmanager'), port: 0 },
    alertTokenFile: dataPaths(config).alertToken,
    say: () => {},
  });
  onTestFinished(() => monitoring.stop());
  const file = join(folder, 'andon.yaml');
  const configure = (objectives: object = {}) =>
    writeFile(file, JSON.stringify({ ...settings, monitoring: { ...settings.monitoring, objectives } }));
  await configure();
  const check = async (changes: Record<string, string> = {}) => {
    const options = {
      service: service.url,
      prometheus: monitoring.prometheus?.url ?? '',
      alertmanager: monitoring.alertmanager?.url ?? '',
      ...changes,
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const run = andon(['check', '--config', file, ...flags]);
    return { code: await run.ended, said: run.output() };
  };
  return { check, configure, folder, monitoring };
}

test('what is connected is told to be, and what is missing with what to do', async () => {
  const { check, configure, folder, monitoring } = await stack();
  const { said } = await until(check, ({ code }) => code === 0, {
    seconds: 80,
    what: 'Prometheus, Alertmanager and the service are connected',
  });
  expect(said.replaceAll(/\d+ rules|\d+ s ago|127.0.0.1:\d+|Alertmanager \d\S+|Prometheus \d\S+/g, '…')).toBe(
    [
      'ok    The service answers at http://…',
      'ok    Alertmanager called it …',
      'ok    … answers at http://…',
      'ok    All … are loaded, with these thresholds',
      'ok    It scrapes the service: job andon, 1 target',
      'ok    It sends alerts to …',
      'ok    … answers at http://…',
      'ok    It has the receiver andon',
      'ok    Watchdog has come to it, and goes to andon',
      '',
    ].join('\n'),
  );

  await configure({ repeated_failures: { count: 17 } });
  const other = await check();
  expect(other.code).toBe(1);
  expect(other.said).toMatch(
    /FAIL {2}1 of \d+ rules are different: AgentRepeatedFailures\n {6}→ they are of other/,
  );

  await configure();
  await writeFile(join(folder, 'servers/prometheus/rules/andon.alerts.yml'), 'groups: []\n');
  await monitoring.prometheus?.reload();
  expect((await check()).said).toMatch(
    /FAIL {2}\d+ of \d+ rules are missing: AgentPipelineStalled, .* and \d+ more/,
  );

  const away = await check({ alertmanager: 'http://127.0.0.1:1' });
  expect(away.said).toMatch(
    /FAIL {2}Alertmanager does not answer at http:\/\/127.0.0.1:1.*\n {6}→ is Alertmanager running/,
  );
}, 240_000);
