import { createServer } from 'node:http';
import { metrics, trace } from '@opentelemetry/api';
import { afterEach, expect, it, vi } from 'vitest';
import { claimed, shellTask } from '../../test/executors/service-stand-in.ts';
import { type RunnerTelemetry, startTelemetry, type TelemetryOptions } from './sdk.ts';

const started: RunnerTelemetry[] = [];

async function start(changes: Partial<TelemetryOptions> = {}): Promise<RunnerTelemetry> {
  const telemetry = await startTelemetry({
    metricsHost: '127.0.0.1',
    metricsPort: 0,
    exportTraces: false,
    serviceVersion: '1.2.3',
    runner: 'r1',
    executors: ['shell'],
    ...changes,
  });
  started.push(telemetry);
  return telemetry;
}

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((telemetry) => telemetry.shutdown()));
});

const scrape = async (telemetry: RunnerTelemetry) => (await fetch(telemetry.metricsUrl)).text();
const outcome = (label: string) => ({
  labels: { project: label, task_type: 'impl', model: 'm', executor: 'shell', variant: 'none', id: 'x' },
  status: 'completed' as const,
  duration_seconds: 45,
});

it('tells the name that it is reached under, where that is not the address it listens on', async () => {
  const { metricsUrl } = await start({ metricsName: 'host.docker.internal' });
  expect(metricsUrl).toMatch(/^http:\/\/host\.docker\.internal:\d+\/metrics$/);
});

it('exports the histograms by their own names, boundaries and labels', async () => {
  const telemetry = await start();
  telemetry.metrics.observe({ ...outcome('p'), queue_seconds: 2 });
  const text = await scrape(telemetry);
  const labels = 'project="p",task_type="impl",model="m",executor="shell",variant="none"';
  expect(text).toContain(`agent_task_duration_seconds_bucket{${labels},status="completed",le="30"} 0`);
  expect(text).toContain(`agent_task_duration_seconds_bucket{${labels},status="completed",le="60"} 1`);
  expect(text).toContain(`agent_task_duration_seconds_bucket{${labels},status="completed",le="14400"} 1`);
  expect(text).toContain(`agent_task_queue_seconds_sum{${labels}} 2`);
  expect(text).not.toContain('otel_scope');
});

it('tells who it is, and no command line, owner or host', async () => {
  const target = (await scrape(await start())).split('\n').find((line) => line.startsWith('target_info{'));
  expect(target).toContain('service_name="andon-runner"');
  expect(target).toContain('service_instance_id="r1"');
  expect(target).not.toMatch(/process_|host_|os_/);
});

it('counts what runs, from 0', async () => {
  const telemetry = await start();
  expect(await scrape(telemetry)).toContain('agent_runner_running_tasks{executor="shell"} 0');
  telemetry.metrics.attemptStarted('shell');
  telemetry.metrics.progress(1_700_000_000_500);
  const text = await scrape(telemetry);
  expect(text).toContain('agent_runner_running_tasks{executor="shell"} 1');
  expect(text).toContain('agent_runner_last_progress_timestamp_seconds 1700000000.5');
});

it('serves two runners in one process, the second on the next free port, and no one else', async () => {
  const first = await start();
  const port = Number(new URL(first.metricsUrl).port);
  const second = await start({ metricsPort: port });
  expect(Number(new URL(second.metricsUrl).port)).toBeGreaterThan(port);
  first.metrics.observe(outcome('one'));
  second.metrics.observe(outcome('two'));
  expect(await scrape(first)).not.toContain('project="two"');
  expect(await scrape(second)).not.toContain('project="one"');
  metrics.getMeter('elsewhere').createCounter('elsewhere').add(1);
  expect(await scrape(second)).not.toContain('elsewhere');
  expect(trace.getTracer('elsewhere').startSpan('x').isRecording()).toBe(false);
});

it('has a trace for the child, though no span goes out', async () => {
  const telemetry = await start();
  const span = telemetry.tracer.start(claimed(shellTask('true')));
  expect(span.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

it('sends spans over OTLP where that is asked for', async () => {
  const bodies: string[] = [];
  const target = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()).toString('latin1'));
    response.end();
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const address = target.address();
  vi.stubEnv(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    `http://127.0.0.1:${typeof address === 'object' && address?.port}`,
  );
  const telemetry = await start({ exportTraces: true });
  const task = shellTask('true');
  telemetry.tracer.start(claimed(task)).end({
    status: 'failed',
    error_class: 'timeout',
    duration_seconds: 1,
    billing: 'unknown',
    duration_observed: true,
    usage_by_model: [{ model: 'm', input_uncached: 1, cache_read: 2, cache_write: 3, output: 4 }],
  });
  await telemetry.shutdown();
  target.close();
  expect(bodies.join()).toContain('invoke_agent shell');
  expect(bodies.join()).toContain('gen_ai.usage.input_tokens');
  expect(bodies.join()).toContain(task.id);
});

it('shuts down in time though the trace target hangs', async () => {
  const target = createServer(() => {});
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const address = target.address();
  vi.stubEnv(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    `http://127.0.0.1:${typeof address === 'object' && address?.port}`,
  );
  const telemetry = await start({ exportTraces: true });
  const { tracer } = telemetry;
  tracer.start(claimed(shellTask('true'))).end({
    status: 'completed',
    duration_seconds: 1,
    billing: 'unknown',
    duration_observed: true,
  });
  const begun = performance.now();
  await telemetry.shutdown();
  expect(performance.now() - begun).toBeLessThan(3000);
  target.closeAllConnections();
  target.close();
});

it('says so if OpenTelemetry is switched off, so that no duration is lost', async () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true');
  const telemetry = await start();
  expect(telemetry.metrics.exported).toBe(false);
  expect(telemetry.tracer.start(claimed(shellTask('true'))).traceparent).toBeUndefined();
});
