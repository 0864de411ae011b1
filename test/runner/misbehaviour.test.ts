import { expect, it } from 'vitest';
import { readFixture } from '../executors/agent-fixture.ts';
import {
  type Behaviour,
  type Cli,
  clis,
  goodRuns,
  type Pipeline,
  type PipelineOptions,
  pipeline,
  type TaskDetail,
} from './pipeline-under-test.ts';
import { isRunning } from './runner-under-test.ts';

interface Ended {
  cli: Cli;
  id: string;
  task: TaskDetail;
  log: string;
}

/** Has every CLI behave so, all at the same time, and answers what the API tells of each afterwards. */
async function everyCli(
  behaviour: Behaviour | ((cli: Cli) => Behaviour),
  options: PipelineOptions = {},
): Promise<Pipeline & { ended: Ended[] }> {
  const under = await pipeline(options);
  const ended = await Promise.all(
    clis.map(async (cli) => {
      const given = typeof behaviour === 'function' ? behaviour(cli) : behaviour;
      const id = await under.queue(cli, { FIXTURE: goodRuns[cli], ...given });
      const task = await under.attempted(id);
      expect(await under.survivors(id), `what ${cli} left behind`).toEqual([]);
      return { cli, id, task, log: await under.logOf(id) };
    }),
  );
  return { ...under, ended };
}

const each = <T>(value: T) => clis.map(() => value);
const statuses = (ended: Ended[]) => ended.map(({ task }) => task.error_class ?? task.status);
const footers = (ended: Ended[]) => ended.map(({ log }) => log.trimEnd().split('\n').at(-1));
const unknown = { cost_usd: null, unpriced_attempts: 5, attempts_without_usage: 5 };
/** What the good runs used, all together: of the five, Codex does not say what ran. */
const allUsed = {
  tokens: { input_uncached: 42_606, cache_read: 45_762, cache_write: 22_704, output: 669 },
  unpriced_attempts: 1,
  attempts_without_usage: 0,
};
/** Long enough for the slowest machine, and for no test to wait for. */
const patient = { first_byte_seconds: 100, stall_seconds: 100, after_result_seconds: 100 };

it('one that never says anything closes its executor, and the task waits, unspent: no_first_byte', async () => {
  const runner = { ...patient, first_byte_seconds: 0.5 };
  const { ended, holds, summary } = await everyCli({ MODE: 'hang-before-first-byte' }, { runner });
  for (const { task, log } of ended) {
    expect(task).toMatchObject({ status: 'pending', error_class: 'no_first_byte', attempts_spent: 0 });
    expect(task.error_message).toBe('no output within 0.5 s');
    expect(log).toMatch(/\n# tokens: unknown; cost: unpriced\n.* exit=143 .* error_class=no_first_byte\n$/);
  }
  expect(await holds()).toMatchObject(
    clis.map((executor) => ({
      executor,
      runner: 'r1',
      state: 'closed',
      reason: expect.stringMatching(/^no_first_byte: no output within/),
    })),
  );
  expect(await summary()).toMatchObject({
    success_rate: { total: 0 },
    excluded: { set_up: 5 },
    usage: unknown,
  });
});

it('one that falls silent on the way has failed: stalled', async () => {
  const runner = { ...patient, stall_seconds: 0.5 };
  const { ended, holds, summary } = await everyCli({ MODE: 'hang-midway' }, { runner });
  expect(statuses(ended)).toEqual(each('stalled'));
  for (const { task } of ended) {
    expect(task).toMatchObject({ status: 'failed', attempts_spent: 1, error_message: 'silent for 0.5 s' });
  }
  expect(await holds()).toEqual([]);
  expect(await summary()).toMatchObject({ success_rate: { failed: 5, total: 5 }, usage: unknown });
});

it('one that does not listen to TERM is killed', async () => {
  const runner = { ...patient, stall_seconds: 0.5 };
  const { ended } = await everyCli({ MODE: 'hang-midway-ignoring-term' }, { runner });
  expect(footers(ended)).toEqual(
    each(expect.stringContaining(' exit=137 status=failed error_class=stalled')),
  );
});

it('one that hangs after its result is ended, and its result stands', async () => {
  const runner = { ...patient, after_result_seconds: 0.5 };
  const { ended, summary } = await everyCli({ MODE: 'hang-after-output' }, { runner });
  expect(statuses(ended)).toEqual(each('completed'));
  for (const { log } of ended) {
    expect(log).toMatch(/\n# ended 0.5 s after its result\n# tokens: .*\n# .* exit=143 status=completed\n$/);
  }
  expect((await summary()).usage).toMatchObject(allUsed);
});

it('a failed result that hangs is the failure that it was; the time limit is the last of all', async () => {
  const under = await pipeline({ runner: { ...patient, after_result_seconds: 0.5 } });
  const failed = { FIXTURE: 'claude-code/2.1-prompt-too-long.jsonl', MODE: 'hang-after-output' };
  const [hangs, late] = [
    await under.queue('claude-code', failed),
    await under.queue('codex', { FIXTURE: goodRuns.codex, MODE: 'hang-midway' }, { timeout_seconds: 0.5 }),
  ];
  expect((await under.attempted(hangs)).error_class).toBe('context_exhausted');
  expect((await under.attempted(late)).error_class).toBe('timeout');
});

it('the silence of what does not stream says nothing', async () => {
  const under = await pipeline({ runner: { first_byte_seconds: 0.1, stall_seconds: 0.1 } });
  const id = await under.queue('shell', {}, { context: { command: 'sleep 0.5' } });
  expect((await under.attempted(id)).status).toBe('completed');
});

it('one that exits with 0 and says in its output that it failed has failed', async () => {
  const said: Record<Cli, Behaviour> = {
    'claude-code': { FIXTURE: 'claude-code/2.1-prompt-too-long.jsonl' },
    codex: { FIXTURE: 'codex/0.142-context.jsonl' },
    cursor: { FIXTURE: 'cursor/2026.02-error.jsonl' },
    gemini: { FIXTURE: 'gemini/0.56-invalid-stream.jsonl' },
    opencode: { FIXTURE: 'opencode/1.18-open-step.jsonl' },
  };
  const { ended, summary } = await everyCli((cli) => said[cli], { tasks: { backoff_seconds: 3600 } });
  expect(statuses(ended)).toEqual([
    'context_exhausted',
    'context_exhausted',
    'rate_limited',
    'malformed_output',
    'malformed_output',
  ]);
  expect(ended.every(({ log }) => / exit=0 status=failed /.test(log))).toBe(true);
  const { success_rate, excluded } = await summary();
  expect({ success_rate, excluded }).toMatchObject({
    success_rate: { failed: 4 },
    excluded: { provider: 1 },
  });
  // What OpenCode told before its stream broke off.
  const { usage } = await summary('executor=opencode');
  expect(usage).toMatchObject({ cost_usd: 0.01, tokens: { input_uncached: 100, output: 20 } });
  expect(ended[4]?.log).toContain('output=20 (a part of them); cost: $0.01\n');
});

it('one that dies by a signal has failed, and its exit is what a shell would show', async () => {
  const { ended, summary } = await everyCli({ MODE: 'killed-midway' });
  expect(statuses(ended)).toEqual(each('nonzero_exit'));
  expect(ended.map(({ task }) => task.error_message)).toEqual(each(expect.stringContaining('SIGKILL')));
  expect(footers(ended)).toEqual(each(expect.stringMatching(/ exit=137 .* error_class=nonzero_exit$/)));
  expect((await summary()).usage).toMatchObject(unknown);
});

it('invalid UTF-8 around the events is passed over, and kept in the log', async () => {
  const { ended, summary } = await everyCli({ MODE: 'invalid-utf8' });
  expect(statuses(ended)).toEqual(each('completed'));
  for (const { cli, log } of ended) {
    expect(log).toContain(`\ufffd\ufffd\0\n${readFixture(goodRuns[cli])}\n\ufffd`);
  }
  expect((await summary()).usage).toMatchObject(allUsed);
});

it('half a JSON line is no result: it has failed, and nobody knows what it used', async () => {
  const { ended, summary } = await everyCli({ MODE: 'half-a-line' });
  expect(statuses(ended)).toEqual(each('malformed_output'));
  expect((await summary()).usage).toMatchObject(unknown);
});

it.each(['grandchild', 'setsid'])(
  'what it leaves behind (%s) is ended with it, and not waited for',
  async (mode) => {
    const { ended, left, summary } = await everyCli({ MODE: mode });
    expect(statuses(ended)).toEqual(each('completed'));
    for (const { id } of ended) expect(isRunning(left(id, 'grandchild'))).toBe(false);
    expect((await summary()).usage).toMatchObject(allUsed);
  },
);

it('what keeps its stdout open and cannot be known as its own holds up nothing', async () => {
  const under = await pipeline();
  const id = await under.queue('cursor', { MODE: 'worker-server', FIXTURE: goodRuns.cursor });
  const { status, attempts } = await under.attempted(id);
  const worker = under.left(id, 'grandchild').trim();
  expect(isRunning(worker)).toBe(true);
  process.kill(Number(worker), 'SIGKILL');
  expect(status).toBe('completed');
  // It would have slept for ten minutes.
  expect(attempts[0]?.duration_seconds).toBeLessThan(60);
});
