import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ErrorClass, errorClasses } from '../../src/domain/outcome.ts';
import { eventually } from '../eventually.ts';
import {
  type Behaviour,
  type Cli,
  fakeAgent,
  goodRuns,
  type Pipeline,
  type PipelineOptions,
  pipeline,
} from './pipeline-under-test.ts';
import { testFolder, testRepository } from './runner-under-test.ts';

interface Case {
  cli?: Cli;
  behaviour: Behaviour;
  task?: object;
  options?: PipelineOptions;
  /** What is done once it runs. */
  meanwhile?: (under: Pipeline, id: string) => Promise<unknown>;
  says: string;
}

const good = { FIXTURE: goodRuns['claude-code'] };
const hangs = { ...good, MODE: 'hang-midway' };
const runs = (under: Pipeline, id: string) => eventually(() => expect(under.left(id, 'pid')).not.toBe(''));

/** On which ten minutes pass in 0.6 seconds. */
const fast = () => performance.now() * 1000;

/** How each class comes about, but for `lost`, which is a dead runner's, and `review_failed`, which nothing makes yet. */
const cases: Partial<Record<ErrorClass, Case>> = {
  timeout: { behaviour: hangs, task: { timeout_seconds: 0.4 }, says: 'took longer than 0.4 s' },
  stalled: { behaviour: hangs, options: { runner: { stall_seconds: 0.4 } }, says: 'silent for 0.4 s' },
  nonzero_exit: { behaviour: { EXIT: 3 }, says: 'exit 3' },
  empty_output: { behaviour: {}, says: 'exit 0 without any output' },
  context_exhausted: {
    behaviour: { FIXTURE: 'claude-code/2.1-prompt-too-long.jsonl' },
    says: 'Prompt is too long',
  },
  no_change: { behaviour: good, task: { task_type: 'impl' }, says: 'a change was asked for' },
  verify_failed: { behaviour: good, task: { verify: ['echo wrong; exit 4'] }, says: 'exit 4: wrong' },
  malformed_output: {
    behaviour: { FIXTURE: 'codex/0.142-cut-off.jsonl' },
    cli: 'codex',
    says: 'exit 0 without',
  },
  rate_limited: { behaviour: { FIXTURE: 'claude-code/2.1-weekly-limit.jsonl' }, says: 'hit your limit' },
  overloaded: { behaviour: { FIXTURE: 'claude-code/2.1-overloaded.jsonl' }, says: 'verloaded' },
  auth: { behaviour: { FIXTURE: 'claude-code/2.1-invalid-key.stderr', EXIT: 1 }, says: 'Invalid API key' },
  spawn: { behaviour: { FIXTURE: 'codex/0.142-untrusted.stderr', EXIT: 1 }, cli: 'codex', says: 'trusted' },
  no_first_byte: {
    behaviour: { MODE: 'hang-before-first-byte' },
    options: { runner: { first_byte_seconds: 0.4 } },
    says: 'no output within 0.4 s',
  },
  budget: { behaviour: { FIXTURE: 'claude-code/2.1-budget.jsonl', EXIT: 1 }, says: 'maximum budget ($0.02)' },
  cancelled: {
    behaviour: hangs,
    options: { tasks: { lease_seconds: 0.6 } },
    meanwhile: ({ service }, id) => service.send('PATCH', `/api/agent/tasks/${id}`, { status: 'cancelled' }),
    says: 'cancelled while it ran',
  },
  killed: { behaviour: hangs, meanwhile: ({ runner }) => runner.close(), says: 'the runner stopped' },
};

/** The design's table "What a failure means", for a task of two attempts after its first. */
const tryAgain = { status: 'pending', spent: 1, waits: true, counts: undefined, hold: undefined };
const meaning = {
  attempt: tryAgain,
  provider: { status: 'pending', spent: 0, waits: false, counts: 'provider', hold: 'paused' },
  set_up: { status: 'pending', spent: 0, waits: true, counts: 'set_up', hold: 'closed' },
  ours: { status: 'failed', spent: 1, waits: false, counts: 'ours', hold: undefined },
};
const expected: Partial<Record<ErrorClass, { [Key in keyof typeof tryAgain]: unknown }>> = {
  timeout: meaning.attempt,
  stalled: meaning.attempt,
  nonzero_exit: meaning.attempt,
  empty_output: meaning.attempt,
  context_exhausted: meaning.attempt,
  no_change: meaning.attempt,
  verify_failed: meaning.attempt,
  malformed_output: meaning.attempt,
  rate_limited: meaning.provider,
  overloaded: meaning.provider,
  auth: meaning.set_up,
  spawn: meaning.set_up,
  no_first_byte: meaning.set_up,
  budget: meaning.ours,
  cancelled: { ...meaning.ours, status: 'cancelled' },
  // Its runner hands it back: that it was stopped is no fault of the task.
  killed: { ...meaning.ours, status: 'pending', spent: 0 },
};

it.each(Object.keys(cases) as ErrorClass[])('%s, from the agent to the API', async (error_class) => {
  const { cli = 'claude-code', behaviour, task, options, meanwhile, says } = cases[error_class] as Case;
  const under = await pipeline({ ...options, tasks: { backoff_seconds: 3600, ...options?.tasks } });
  const repo = error_class === 'no_change' ? testRepository(under.service.folder) : undefined;
  const id = await under.queue(cli, behaviour, { max_attempts: 2, repo, ...task });
  if (meanwhile) {
    await runs(under, id);
    await meanwhile(under, id);
  }
  const ended = await under.attempted(id);
  const [hold] = await under.holds();
  const { excluded, attempts, success_rate } = await under.summary();
  const [counts] = Object.entries(excluded).find(([, count]) => count > 0) ?? [];
  expect(ended).toMatchObject({ error_class, error_message: expect.stringContaining(says) });
  expect({
    status: ended.status,
    spent: ended.attempts_spent,
    waits: ended.not_before !== undefined && Date.parse(ended.not_before) > Date.now() + 1e6,
    counts,
    hold: hold?.state,
  }).toEqual(expected[error_class]);
  expect(attempts).toEqual({ total: 1, failed: 1, by_error_class: { [error_class]: 1 } });
  expect(success_rate.total).toBe(0);
  expect(await under.logOf(id)).toMatch(new RegExp(` status=failed error_class=${error_class}\n$`));
  expect(await under.survivors(id)).toEqual([]);
});

it('every class but those two is made by a runner', () => {
  const made = Object.keys(cases);
  expect(errorClasses.filter((one) => !made.includes(one))).toEqual(['review_failed', 'lost']);
  expect(Object.keys(expected).sort()).toEqual(made.sort());
});

it('a program that was taken away since the start is the set-up’s fault', async () => {
  const program = join(testFolder(), 'codex');
  symlinkSync(fakeAgent, program);
  const under = await pipeline({ executors: { codex: { command: program } }, monotonic: fast });
  rmSync(program);
  const id = await under.queue('codex');
  expect(await under.attempted(id)).toMatchObject({
    status: 'pending',
    error_class: 'spawn',
    error_message: expect.stringContaining('ENOENT'),
  });
  expect(await under.holds()).toMatchObject([{ executor: 'codex', state: 'closed' }]);
  // It called no model: there is no cost to know.
  expect((await under.summary()).usage.unpriced_attempts).toBe(0);
  await eventually(() =>
    expect(under.said).toContainEqual(expect.stringMatching(/stays closed: .*not on PATH/)),
  );
  // Put back, though nobody is logged in: that is not what had closed it.
  writeFileSync(program, '#!/bin/sh\necho \'{"type":"turn.completed"}\'\n', { mode: 0o755 });
  expect(await under.attempted(id, 2)).toMatchObject({ status: 'completed', attempts_spent: 1 });
});

it('what goes over its turns on the way is ended: budget', async () => {
  const under = await pipeline();
  const behaviour = { FIXTURE: 'claude-code/2.1-turns.jsonl', MODE: 'hang-after-output' };
  // Over its cost only with its final result: that is the CLI's own to judge.
  const caps = { max_turns: 1, max_cost_usd: 0.01 };
  const [over, within] = [
    await under.queue('claude-code', behaviour, { max_turns: 1 }),
    await under.queue('claude-code', { FIXTURE: goodRuns['claude-code'] }, caps),
  ];
  expect(await under.attempted(over)).toMatchObject({
    status: 'failed',
    error_class: 'budget',
    error_message: 'went over max_turns 1',
  });
  expect((await under.attempted(within)).status).toBe('completed');
  expect(under.left(within, 'arguments').split('\n')).toEqual(
    expect.arrayContaining(['--max-turns=1', '--max-budget-usd=0.01']),
  );
});

it('what goes over its cost on the way is ended: budget', async () => {
  const under = await pipeline();
  const behaviour = { FIXTURE: 'opencode/1.18-open-step.jsonl', MODE: 'hang-after-output' };
  const id = await under.queue('opencode', behaviour, { max_cost_usd: 0.005 });
  const { error_class, error_message, attempts } = await under.attempted(id);
  expect([error_class, error_message]).toEqual(['budget', 'went over max_cost_usd 0.005']);
  // What it had used by then was used.
  expect(attempts[0]?.cost_usd).toBe(0.01);
});

it('a cap that nobody keeps is said to be none', async () => {
  const under = await pipeline();
  const id = await under.queue('codex', { FIXTURE: goodRuns.codex }, { max_cost_usd: 1, max_turns: 3 });
  expect((await under.attempted(id)).status).toBe('completed');
  const log = await under.logOf(id);
  expect(log).toContain('# max_cost_usd is not kept: codex neither takes it nor tells as it goes\n');
  expect(log).toContain('# max_turns is not kept');
});
