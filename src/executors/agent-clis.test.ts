import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  executorOf,
  fixtureExecutors,
  fixtureNow,
  interpret,
  readFixture,
} from '../../test/executors/agent-fixture.ts';
import { agentTask } from '../../test/executors/service-stand-in.ts';
import { codex } from './codex.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';

const settings = { command: 'the-cli', args: ['--force'], billing: 'subscription' as const };
const task = agentTask({ direction: '--help me', model: 'm/1', max_cost_usd: 2, max_turns: 3 });

describe('the command line', () => {
  it.each([
    [codex(settings), ['exec', '--json', '--model=m/1', '--force']],
    [cursor(settings), ['-p', '--output-format', 'stream-json', '--model=m/1', '--force']],
    [gemini(settings), ['--output-format=stream-json', '--model=m/1', '--force']],
    [opencode(settings), ['run', '--format', 'json', '--model=m/1', '--force']],
  ])('has the prompt on stdin: $name', (executor, args) => {
    expect(executor.command(task, '/run')).toEqual({ program: 'the-cli', args, stdin: '--help me' });
    expect(executor.streams).toBe(true);
  });

  it.each(fixtureExecutors)('names no model where the task leaves it to the CLI: $name', (executor) => {
    const { args } = executor.command(agentTask({ context: { command: 'true' } }), '/run');
    expect(args.join(' ')).not.toContain('--model');
  });
});

describe('a user’s own form of output', () => {
  it.each([
    ['codex/0.125-success.jsonl', ['codex', 'exec', 'Hi'], 'none'],
    ['codex/0.125-success.jsonl', ['codex', 'exec', '--json', 'Hi'], 'terminal'],
    // Its total counts from the thread's first run on.
    ['codex/0.125-success.jsonl', ['codex', 'exec', 'resume', '--last', '--json', 'Hi'], 'none'],
    ['claude-code/2.1-json.out', ['claude', '-p', '--output-format=json'], 'terminal'],
    ['claude-code/2.1-json.out', ['claude', '-p'], 'none'],
    ['cursor/2026.02-json.out', ['agent', '-p', '--output-format', 'json'], 'terminal'],
    ['cursor/2026.02-json.out', ['agent', '-p'], 'none'],
    ['gemini/0.56-json.out', ['gemini', '-o', 'json'], 'terminal'],
    ['gemini/0.56-json.out', ['gemini'], 'none'],
    ['opencode/1.17-success.jsonl', ['opencode', 'run', '--format=json'], 'terminal'],
    ['opencode/1.17-success.jsonl', ['opencode', 'run'], 'none'],
  ])('%s by %j', (file, argv, usage_state) => {
    expect(interpret(executorOf(file), [readFixture(file)], { argv })).toMatchObject({
      status: 'completed',
      usage_state,
    });
  });

  it('as plain text says by its exit status whether it failed, and by its last words why', () => {
    const claude = executorOf('claude-code/');
    const failed = (tail: string) => interpret(claude, [], { argv: ['claude', '-p'], exitCode: 1, tail });
    expect(failed("You've hit your session limit · resets 11am")).toMatchObject({
      error_class: 'rate_limited',
      retry_at: new Date(2026, 7, 19, 11).toISOString(),
      cost_source: 'unpriced',
    });
    expect(failed('Boom')).toMatchObject({ error_class: 'nonzero_exit', error_message: 'exit 1: Boom' });
    expect(failed(`Not logged in\n${'x'.repeat(1000)}`).error_class).toBe('nonzero_exit');
  });

  it('is none of a runner’s own: plain text is then malformed', () => {
    for (const executor of fixtureExecutors.filter(({ name }) => name !== 'shell')) {
      expect(interpret(executor, [Buffer.from('Done.\n')]).error_class).toBe('malformed_output');
      expect(interpret(executor, []).error_class).toBe('empty_output');
    }
  });
});

describe('progress', () => {
  const progress = (file: string) => {
    const reader = executorOf(file).createReader(() => fixtureNow);
    reader.push(readFixture(file));
    return reader.progress();
  };

  it.each([
    ['claude-code/2.1-success.jsonl', { final: true, cost_usd: 0.1443 }],
    ['claude-code/2.1-turns.jsonl', { final: false, turns: 2 }],
    ['codex/0.125-success.jsonl', { final: true }],
    ['codex/0.125-usage-limit.jsonl', { final: true }],
    ['codex/0.142-cut-off.jsonl', { final: false }],
    ['cursor/2026.02-success.jsonl', { final: true }],
    ['gemini/0.56-success.jsonl', { final: true }],
    ['opencode/1.18-steps.jsonl', { final: true, cost_usd: 0.03, turns: 2 }],
    ['opencode/1.18-open-step.jsonl', { final: false, cost_usd: 0.01, turns: 1 }],
    ['opencode/1.18-reasoning-unpriced.jsonl', { final: true, turns: 2 }],
  ])('%s', (file, expected) => {
    expect(progress(file)).toEqual(expected);
  });
});

it.each([
  [41, 'auth'],
  [42, 'nonzero_exit'],
  [44, 'spawn'],
  [52, 'spawn'],
  [53, 'budget'],
  [54, 'nonzero_exit'],
  [55, 'spawn'],
  [130, 'cancelled'],
  [1, 'nonzero_exit'],
])('Gemini’s exit %i is %s', (exitCode, errorClass) => {
  const executor = executorOf('gemini/');
  expect(interpret(executor, [], { exitCode, tail: 'Sorry' })).toMatchObject({
    error_class: errorClass,
    error_message: `exit ${exitCode}: Sorry`,
  });
});

it.each(fixtureExecutors.filter(({ name }) => name !== 'shell'))(
  '$name says how to install it, and that it is not logged in',
  async (executor) => {
    const folder = await mkdtemp(join(tmpdir(), 'andon-'));
    const probe = await executor.probe({ PATH: folder });
    expect(probe).toMatchObject({ found: false });
    expect(probe.advice).toMatch(
      new RegExp(`Install .*(log in|name a model).*executors.${executor.name}.command`),
    );
  },
);
