import { hostname } from 'node:os';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type StartedRunner, startRunner } from '../../src/app/runner.ts';
import { parseConfig } from '../../src/config.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { startServiceStandIn } from '../executors/service-stand-in.ts';
import { testFolder } from './runner-under-test.ts';

async function startTwo(settings: {
  id?: string;
  metrics_port: number;
}): Promise<[StartedRunner, StartedRunner]> {
  const service = await startServiceStandIn();
  onTestFinished(() => service.close());
  const start = async () => {
    const config = parseConfig({ data_dir: testFolder(), runner: { executors: ['shell'], ...settings } });
    const options = { serviceUrl: service.url, logger: pino({ level: 'silent' }), env: process.env };
    const started = await startRunner(config, options);
    onTestFinished(() => started.close());
    return started;
  };
  const both: [StartedRunner, StartedRunner] = [await start(), await start()];
  await vi.waitFor(() => {
    const names = new Set(service.claims.map(({ runner }) => runner));
    expect([...names].sort()).toEqual([...new Set(both.map(({ id }) => id))].sort());
  });
  return both;
}

it('the second runner of a host without names has its port behind the host’s name', async () => {
  const port = await freePort(19_464);
  const [first, second] = await startTwo({ metrics_port: port });
  expect(first.id).toBe(hostname().slice(0, 128));
  const taken = new URL(second.metricsUrl).port;
  expect(Number(taken)).toBeGreaterThan(port);
  expect(second.id).toBe(`${hostname().slice(0, 120)}:${taken}`);
  const metrics = await (await fetch(second.metricsUrl)).text();
  expect(metrics).toContain(`service_instance_id="${second.id}"`);
});

it('a name that was chosen stays as it is, and every claim is counted from 0', async () => {
  const [, second] = await startTwo({ id: 'mine', metrics_port: await freePort(19_464) });
  expect(second.id).toBe('mine');
  const metrics = await (await fetch(second.metricsUrl)).text();
  expect(metrics).toMatch(/agent_runner_claims_total\{result="empty"\} [1-9]/);
  expect(metrics).toContain('agent_runner_claims_total{result="failed"} 0');
  expect(metrics).toContain('agent_runner_spooled_outcomes 0');
});
