import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agentTask, shellTask } from '../executors/service-stand-in.ts';
import { bench, fakeCli, isRunning } from './runner-under-test.ts';

const quick = { firstByteSeconds: 0.4, stallSeconds: 0.4, afterResultSeconds: 0.4 };

it('an agent that streams and says nothing at all is ended: no_first_byte', async () => {
  const { runOne, folder } = await bench({ FAKE_MODE: 'hang-before-first-byte' });
  const { outcome, error_message } = await runOne(agentTask(), { ...quick, stallSeconds: 20 });
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'no_first_byte' });
  expect(error_message).toBe('no output within 0.4 s');
  expect(isRunning(readFileSync(join(folder, 'pid'), 'utf8'))).toBe(false);
});

it('one that falls silent is stalled, whatever it has said before', async () => {
  const { runOne } = await bench({
    FAKE_MODE: 'hang-after-output',
    FAKE_FIXTURE: 'claude-code/2.1-sigterm.jsonl',
  });
  const { outcome, error_message } = await runOne(agentTask(), { ...quick, firstByteSeconds: 20 });
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'stalled' });
  expect(error_message).toBe('silent for 0.4 s');
});

it('one that hangs after its result is ended, and its result stands', async () => {
  const { runOne, logOf } = await bench({ FAKE_MODE: 'hang-after-output' });
  const task = agentTask();
  const { outcome } = await runOne(task, { ...quick, stallSeconds: 0.2, firstByteSeconds: 20 });
  expect(outcome).toMatchObject({ status: 'completed', cost_usd: 0.1443, usage_state: 'terminal' });
  expect(outcome.error_class).toBeUndefined();
  expect(logOf(task)).toMatch(
    /# ended 0.4 s after its result\n# duration_seconds=\S+ exit=143 status=completed\n$/,
  );
});

it('a failed result that hangs is the failure that it was', async () => {
  const { runOne } = await bench({
    FAKE_MODE: 'hang-after-output',
    FAKE_FIXTURE: 'claude-code/2.1-overloaded.jsonl',
  });
  const { outcome } = await runOne(agentTask(), quick);
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'overloaded' });
});

it('one that does not listen to TERM is killed', async () => {
  const { runOne, folder } = await bench({ FAKE_MODE: 'ignore-term' });
  const { outcome } = await runOne(agentTask(), quick);
  expect(outcome.status).toBe('completed');
  expect(isRunning(readFileSync(join(folder, 'pid'), 'utf8'))).toBe(false);
});

it('the silence of what does not stream says nothing', async () => {
  const { runOne } = await bench();
  const { outcome } = await runOne(shellTask('sleep 0.5'), { firstByteSeconds: 0.1, stallSeconds: 0.1 });
  expect(outcome.status).toBe('completed');
});

it('the time limit is the last of them', async () => {
  const { runOne } = await bench({
    FAKE_MODE: 'hang-after-output',
    FAKE_FIXTURE: 'claude-code/2.1-sigterm.jsonl',
  });
  const { outcome } = await runOne(agentTask({ timeout_seconds: 0.3 }));
  expect(outcome.error_class).toBe('timeout');
});

/** A stream that goes on, with these turns and costs known on the way. */
const turns = `echo '{"type":"system","subtype":"init","model":"claude-opus-5"}'
for i in 1 2 3 4 5 6; do
  echo '{"type":"assistant","message":{"id":"m'$i'","content":[{"type":"text","text":"on"}]}}'
done`;

it.each([
  ['max_turns', { max_turns: 3 }, { final: false, turns: 4 }],
  ['max_cost_usd', { max_cost_usd: 0.5 }, { final: false, cost_usd: 0.51 }],
])('what goes over %s on the way is ended: budget', async (cap, limits, progress) => {
  const { runOne } = await bench();
  const executor = streaming(() => progress);
  const { outcome, error_message } = await runOne(agentTask({ executor: 'stream', ...limits }), {
    executors: [executor],
  });
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'budget' });
  expect(error_message).toBe(`went over ${cap} ${Object.values(limits)[0]}`);
});

it('what is within its caps, or over them only with its final result, is left alone', async () => {
  const { run } = await bench();
  const within = streaming(() => ({ final: false, turns: 3, cost_usd: 0.5 }), 'echo done');
  const caps = { executor: 'stream', max_turns: 3, max_cost_usd: 0.5 };
  const [first] = await run([agentTask(caps)], { executors: [within] });
  expect(first?.outcome.status).toBe('completed');
  const over = streaming(() => ({ final: true, turns: 9, cost_usd: 9 }), 'echo done');
  const [second] = await run([agentTask(caps)], { executors: [over] });
  expect(second?.outcome.status).toBe('completed');
});

function streaming(progress: () => { final: boolean; turns?: number; cost_usd?: number }, script?: string) {
  return {
    name: 'stream',
    streams: true,
    command: () => ({ program: '/bin/sh', args: ['-c', script ?? `${turns}; sleep 600`] }),
    createReader: () => ({
      push() {},
      progress,
      interpret: () =>
        ({ status: 'completed', usage_state: 'none', cost_source: 'unpriced', billing: 'unknown' }) as const,
    }),
    probe: async () => ({ found: true, detail: fakeCli }) as const,
  };
}
