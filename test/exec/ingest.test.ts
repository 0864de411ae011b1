import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serviceUnderTest, temporaryFolder } from '../service-under-test.ts';
import { andon, counted, fixture } from './exec-under-test.ts';

async function place() {
  const service = await serviceUnderTest();
  const cwd = realpathSync(temporaryFolder());
  const env = { ANDON_SERVICE_URL: service.url };
  const ingest = (args: string[], stdin?: Buffer) => andon(['ingest', ...args], { cwd, env, stdin });
  return { service, cwd, ingest };
}

test('a saved result is recorded with its usage, once', async () => {
  const { service, cwd, ingest } = await place();
  writeFileSync(join(cwd, 'result.jsonl'), fixture('claude-code/2.1-success.jsonl'));
  expect((await ingest(['result.jsonl', '--created-at', '2026-11-01'])).stdout.toString()).toMatch(
    /^result\.jsonl: ingest-[0-9a-f]{16}: claude-code claude-opus-5, completed, 4\.1 s, \$0\.1443\n$/,
  );
  const again = await ingest(['-'], fixture('claude-code/2.1-success.jsonl'));
  expect(again).toMatchObject({ exit: 0, stderr: '' });
  expect(again.stdout.toString()).toContain('recorded before');
  const { body } = await service.get('/api/agent/metrics?from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:01Z');
  expect(body).toMatchObject({
    attempts: { total: 1 },
    execution_time: { p50_seconds: expect.closeTo(4.1, 1) },
  });
});

test('records in many batches are passed on as they are, and bad lines are named by their place', async () => {
  const { service, cwd, ingest } = await place();
  const record = (n: number) =>
    JSON.stringify({ task_id: `t${n}`, task_type: 'impl', status: 'completed', duration_seconds: 1 });
  const lines = Array.from({ length: 2500 }, (_, index) => record(index));
  lines[1700] = '{"task_id":"bad"';
  lines[2000] = '';
  writeFileSync(join(cwd, 'records.ndjson'), lines.join('\n'));
  const said = await ingest(['records.ndjson']);
  expect(said.exit).toBe(1);
  expect(said.stdout.toString()).toBe('records.ndjson: 2498 recorded\n');
  expect(said.stderr).toMatch(/^andon: records\.ndjson: line 1701: refused: \/ is not JSON: .*\n$/);
  expect((await counted(service)).attempts.total).toBe(2498);
});
