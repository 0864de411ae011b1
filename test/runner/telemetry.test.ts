import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../eventually.ts';
import { fakeAgent, goodRuns, type Pipeline, pipeline } from './pipeline-under-test.ts';

const scrape = async ({ runner }: Pipeline) => (await fetch(runner.metricsUrl)).text();

it('a runner shows what runs, when it last gave output, what it asked for, and what is held', async () => {
  const under = await pipeline({ tasks: { backoff_seconds: 3600 } });
  const begun = Date.now() / 1000;
  const id = await under.queue('codex', { FIXTURE: goodRuns.codex, MODE: 'hang-midway' });
  await eventually(() => expect(under.left(id, 'pid')).not.toBe(''));
  await eventually(async () => {
    const text = await scrape(under);
    expect(text).toContain('agent_runner_running_tasks{executor="codex"} 1\n');
    const progress = /^agent_runner_last_progress_timestamp_seconds (\S+)$/m.exec(text)?.[1];
    expect(Number(progress)).toBeGreaterThanOrEqual(begun - 1);
  });
  const limited = await under.queue('gemini', { FIXTURE: 'gemini/0.56-unavailable.jsonl', EXIT: 1 });
  const loggedOut = await under.queue('cursor', { FIXTURE: 'cursor/2026.02-not-logged-in.stderr', EXIT: 1 });
  await under.attempted(limited);
  await under.attempted(loggedOut);
  await eventually(async () => {
    const text = await scrape(under);
    expect(text).toContain('agent_runner_held_executors{executor="gemini",state="paused"} 1\n');
    expect(text).toContain('agent_runner_held_executors{executor="cursor",state="closed"} 1\n');
    expect(text).toMatch(/^agent_runner_claims_total\{result="paused"\} [1-9]/m);
  });
  expect(await scrape(under)).toMatch(/^agent_runner_claims_total\{result="tasks"\} [1-3]$/m);
});

it('the trace of an attempt goes on in its agent, and tells what it used and no command line', async () => {
  const sent: Buffer[] = [];
  const target = createServer(async (request, response) => {
    sent.push(Buffer.concat(await request.toArray()));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  onTestFinished(() => void target.close());
  const address = target.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${port}`);
  onTestFinished(() => void vi.unstubAllEnvs());

  const under = await pipeline({ traces: true, env: { SOME_TOKEN: 'correct-horse-battery' } });
  const id = await under.queue('claude-code', { FIXTURE: goodRuns['claude-code'] });
  await under.attempted(id);
  await under.runner.close();
  const parent = /^TRACEPARENT=00-(\w{32})-(\w{16})-01$/m.exec(under.left(id, 'environment')) ?? [];
  const body = Buffer.concat(sent);
  // The one span there is, in the trace that the agent was told of.
  for (const hex of parent.slice(1)) expect(body.includes(Buffer.from(hex, 'hex'))).toBe(true);
  expect(parent).toHaveLength(3);
  const text = body.toString('latin1');
  for (const told of ['invoke_agent claude-code', 'gen_ai.usage.input_tokens', 'andon.cost_usd', id]) {
    expect(text).toContain(told);
  }
  for (const kept of ['correct-horse-battery', fakeAgent, '--output-format', process.execPath, 'Hi!']) {
    expect(text).not.toContain(kept);
  }
});
