import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { aider } from '../../src/executors/aider.ts';
import { agentTask } from '../executors/service-stand-in.ts';
import { bench, git, testRepository } from './runner-under-test.ts';

const fakeAider = new URL('../executors/fake-aider', import.meta.url).pathname;
const executors = [aider({ command: fakeAider, args: ['--cache-prompts'], billing: 'metered' })];
const aiderTask = (changes: Partial<Task> = {}) =>
  agentTask({ executor: 'aider', model: 'default', ...changes });

async function aiderBench(env: Record<string, string>) {
  const made = await bench(env);
  const seen = (name: string) => readFileSync(join(made.folder, name), 'utf8');
  const run = (task: Task) => made.runOne(task, { executors });
  return { ...made, seen, run };
}

it('is told its prompt by a file for this user alone, and what it logs is exact', async () => {
  const { run, seen } = await aiderBench({ FAKE_FIXTURE: '0.86-success' });
  const { outcome } = await run(aiderTask({ direction: 'Greet.\nThe world.' }));
  expect(outcome).toMatchObject({
    status: 'completed',
    model: 'openai/gpt-4o',
    usage: { input_uncached: 4321, cache_read: 0, cache_write: 0, output: 512, turns: 1 },
    usage_state: 'partial',
    cost_usd: 0.0146425,
    billing: 'metered',
  });
  expect(seen('prompt')).toBe('Greet.\nThe world.');
  expect(seen('mode')).toMatch(/^-rw-------/);
  const handed = /--message-file=(.*)/.exec(seen('arguments'))?.[1] ?? '';
  expect(handed).toContain('andon-run-');
  expect(existsSync(dirname(handed))).toBe(false);
});

it.each(['!touch pwned', '/run touch pwned'])(
  'a direction is never a command of its: %s',
  async (direction) => {
    const { run, seen } = await aiderBench({ FAKE_FIXTURE: '0.86-success' });
    await run(aiderTask({ direction }));
    expect(seen('prompt')).toBe(`\n${direction}`);
  },
);

it('what it keeps for itself is not the task’s work, from within a folder of the repository too', async () => {
  const { run, folder } = await aiderBench({ FAKE_FIXTURE: '0.86-success', FAKE_EDIT: 'two' });
  const repo = testRepository(folder, { 'a.txt': 'one\n', 'part/b.txt': 'b\n' });
  for (const place of [repo, join(repo, 'part')]) {
    const { outcome, changes } = await run(aiderTask({ repo: place }));
    expect(outcome.status).toBe('completed');
    expect(changes).toMatchObject({ commits: 1, files_changed: 1, files: [{ path: 'a.txt', added: 1 }] });
    const branch = git(repo, 'branch', '--list', 'andon/*', '--format=%(refname:short)').split('\n').at(-1);
    expect(git(repo, 'ls-tree', '-r', '--name-only', branch ?? '')).toBe('a.txt\npart/b.txt');
  }
});

it('an attempt that left only its cache has changed nothing', async () => {
  const { run, folder } = await aiderBench({ FAKE_FIXTURE: '0.86-success' });
  const { outcome } = await run(aiderTask({ repo: testRepository(folder), expects_change: true }));
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'no_change', cost_usd: 0.0146425 });
  expect(readdirSync(join(folder, 'data/work'))).toEqual([]);
});

it.each([
  ['0.86-rate-limit', 'rate_limited'],
  ['0.86-auth', 'auth'],
  ['0.86-context', 'context_exhausted'],
  ['0.86-command', 'malformed_output'],
  ['', 'empty_output'],
])('%s at exit 0 is %s, without usage', async (fixture, error_class) => {
  const { run } = await aiderBench({ FAKE_FIXTURE: fixture });
  const { outcome } = await run(aiderTask());
  expect(outcome).toMatchObject({
    status: 'failed',
    error_class,
    usage_state: 'none',
    cost_source: 'unpriced',
  });
  expect(outcome.cost_usd).toBeUndefined();
});
