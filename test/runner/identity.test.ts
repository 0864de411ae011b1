import { hostname } from 'node:os';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { type StartedRunner, startRunner } from '../../src/app/runner.ts';
import { type ConfigInput, parseConfig } from '../../src/config.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { eventually } from '../eventually.ts';
import { serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

const host = hostname().slice(0, 120);
const portOf = ({ metricsUrl }: StartedRunner) => new URL(metricsUrl).port;

/** Runners with these settings, at the same time, once the service knows each of them. */
async function startAll(...settings: ConfigInput['runner'][]): Promise<StartedRunner[]> {
  const service = await serviceUnderTest();
  const started: StartedRunner[] = [];
  for (const runner of settings) {
    const config = parseConfig({ data_dir: temporaryFolder(), runner: { executors: ['shell'], ...runner } });
    const options = { serviceUrl: service.url, logger: pino({ level: 'silent' }), env: process.env };
    const one = await startRunner(config, options);
    onTestFinished(() => one.close());
    started.push(one);
  }
  await eventually(async () => {
    const { body } = await service.get('/api/agent/runners/targets');
    const known = (body as { labels: { runner: string } }[]).map(({ labels }) => labels.runner);
    expect(known.sort()).toEqual([...new Set(started.map(({ id }) => id))].sort());
  });
  return started;
}

it('runners of one host without names have the port of their metrics behind the host’s name', async () => {
  const port = await freePort(19_464);
  // Two that want the same port, one with a port of its own, and one that takes any.
  const all = await startAll(
    { metrics_port: port },
    { metrics_port: port },
    { metrics_port: await freePort(port + 50) },
    { metrics_port: 0 },
  );
  expect(all.map(({ id }) => id)).toEqual(all.map((one) => `${host}:${portOf(one)}`));
  expect(new Set(all.map(({ id }) => id)).size).toBe(4);
  const metrics = await (await fetch(all[1]?.metricsUrl ?? '')).text();
  expect(metrics).toContain(`service_instance_id="${all[1]?.id}"`);
});

it('only the one on the usual port is called as the host is', async () => {
  const all = await startAll({}, {});
  expect(all.map(({ id }) => id)).toEqual(
    all.map((one) => (portOf(one) === '9464' ? host : `${host}:${portOf(one)}`)),
  );
});

it('a name that was chosen stays as it is, and every claim is counted from 0', async () => {
  const [, second] = await startAll({ id: 'mine', metrics_port: 0 }, { id: 'mine', metrics_port: 0 });
  expect(second?.id).toBe('mine');
  const scrape = async () => (await fetch(second?.metricsUrl ?? '')).text();
  const claims = /agent_runner_claims_total\{result="empty"\} [1-9]/;
  await eventually(async () => expect(await scrape()).toMatch(claims));
  const metrics = await scrape();
  expect(metrics).toContain('agent_runner_claims_total{result="failed"} 0');
  expect(metrics).toContain('agent_runner_spooled_outcomes 0');
  expect(metrics).toContain('agent_runner_spool_errors_total 0');
});
