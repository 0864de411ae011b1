// `npm run test:compose`: builds the image, brings everything up, goes once round the loop, takes everything down.
// Without a Docker engine it says so and exits with 0: there is nothing to find fault with.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { apiClientFor } from '../../src/app/api-client.ts';
import { freePort } from '../../src/stack/free-port.ts';
import { type ProgramResult, runProgram } from '../../src/stack/run-program.ts';
import { until } from '../until.ts';
import { root } from './compose-file.ts';
import { goRound, roundSettings } from './round.ts';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const ports = ['ANDON_PORT', 'PROMETHEUS_PORT', 'ALERTMANAGER_PORT', 'GRAFANA_PORT', 'OTLP_PORT'] as const;

interface Stack {
  env: Record<string, string>;
  compose(args: string[], timeoutSeconds?: number): Promise<ProgramResult>;
}

async function whyNot(): Promise<string | undefined> {
  const engine = await runProgram('docker', ['version', '--format', '{{.Server.Version}}'], {
    timeoutSeconds: 20,
  });
  if (engine.code !== 0) return `no Docker engine answers (${lastLine(engine)})`;
  const compose = await runProgram('docker', ['compose', 'version'], { timeoutSeconds: 20 });
  return compose.code === 0 ? undefined : `docker has no compose (${lastLine(compose)})`;
}

/** Under a name and on ports of its own, so that one that somebody uses is left alone. */
async function prepare(folder: string): Promise<Stack> {
  const settings = join(folder, 'andon.yaml');
  await writeFile(settings, stringify(roundSettings));
  const out = join(folder, 'stack');
  const args = ['src/main.ts', 'generate', '--format', 'compose', '--out', out, '--config', settings];
  wanted(await runProgram(process.execPath, args, { cwd: root }));
  const free: [string, string][] = [];
  for (const name of ports) free.push([name, String(await freePort(0))]);
  const env = {
    ...Object.fromEntries(free),
    GRAFANA_ADMIN_PASSWORD: randomBytes(16).toString('hex'),
    ANDON_SETTINGS: settings,
    ANDON_STACK: out,
  };
  const project = ['compose', '--project-name', `andon-test-${process.pid}`];
  return {
    env,
    compose: (args, timeoutSeconds = 60) =>
      runProgram('docker', [...project, ...args], {
        cwd: root,
        env: { ...process.env, ...env },
        timeoutSeconds,
      }),
  };
}

async function checkMonitoring({ env }: Stack): Promise<void> {
  const targets = z.object({
    data: z.object({ activeTargets: z.array(z.object({ health: z.string(), scrapeUrl: z.string() })) }),
  });
  const up = await until(
    async () =>
      targets.parse(await answerOf(`http://127.0.0.1:${env.PROMETHEUS_PORT}/api/v1/targets`)).data
        .activeTargets,
    (found) => found.length === 4 && found.every(({ health }) => health === 'up'),
    { seconds: 60, what: 'Prometheus reaches service, runner, Alertmanager and itself' },
  );
  say(`Prometheus reaches ${up.map(({ scrapeUrl }) => new URL(scrapeUrl).host).join(', ')}`);
  const grafana = `http://127.0.0.1:${env.GRAFANA_PORT}`;
  const authorization = `Basic ${Buffer.from(`admin:${env.GRAFANA_ADMIN_PASSWORD}`).toString('base64')}`;
  const dashboards = z.array(z.object({ title: z.string() }));
  const found = dashboards.parse(await answerOf(`${grafana}/api/search?type=dash-db`, authorization));
  if (found.length === 0) throw new Error('Grafana has no dashboards');
  const health = z.object({ status: z.string() });
  const { status } = health.parse(
    await answerOf(`${grafana}/api/datasources/uid/prometheus/health`, authorization),
  );
  if (status !== 'OK') throw new Error(`Grafana does not reach Prometheus: ${status}`);
  say(`Grafana shows ${found.map(({ title }) => title).join(', ')}`);
  const traces = z.object({ traces: z.array(z.unknown()).nullish() });
  await until(
    async () =>
      traces.parse(await answerOf(`${grafana}/api/datasources/proxy/uid/tempo/api/search`, authorization))
        .traces ?? [],
    (some) => some.length > 0,
    { seconds: 60, what: 'Tempo has traces of the tasks' },
  );
  say('Tempo has traces of the tasks');
}

async function answerOf(url: string, authorization?: string): Promise<unknown> {
  const response = await fetch(url, { headers: authorization ? { authorization } : {} });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

function wanted(result: ProgramResult): ProgramResult {
  if (result.code !== 0) throw new Error(result.output);
  return result;
}

function lastLine({ output }: ProgramResult): string {
  return output.trim().split('\n').at(-1) ?? '';
}

async function check(stack: Stack): Promise<void> {
  const { compose, env } = stack;
  say('building the image, and waiting for every container to be healthy');
  wanted(await compose(['up', '--build', '--detach', '--wait', '--wait-timeout', '300'], 1200));
  const token = wanted(await compose(['exec', '-T', 'service', 'cat', '/data/admin-token'])).stdout.trim();
  await goRound(
    apiClientFor(`http://127.0.0.1:${env.ANDON_PORT}`, () => token),
    say,
  );
  await checkMonitoring(stack);
}

async function main(): Promise<void> {
  const reason = await whyNot();
  if (reason) {
    say(`skipped: ${reason}`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'andon-compose-'));
  const stack = await prepare(folder);
  try {
    await check(stack);
    say('passed');
  } catch (error) {
    say((await stack.compose(['ps', '--all'])).output);
    say((await stack.compose(['logs', '--tail', '30'])).output);
    say(`failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await stack.compose(['down', '--volumes', '--timeout', '20'], 180);
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
