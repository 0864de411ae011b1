import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { interpretFixture, listFixtures, readFixture } from '../../test/executors/agent-fixture.ts';
import { outcomeFields } from '../domain/outcome.ts';
import type { Interpretation, ProcessEnd } from './executor.ts';

type Expected = Partial<Interpretation>;
type Row = [file: string, expected: Expected, end?: Partial<ProcessEnd>];

/** A time of August 2026 as a clock shows it where the test runs. */
const local = (day: number, hour: number, minute: number) =>
  new Date(2026, 7, day, hour, minute).toISOString();
const exit = (exitCode: number) => ({ exitCode });
const unpriced = { usage_state: 'none', cost_source: 'unpriced' } as const;
const failed = (error_class: Interpretation['error_class'], more: Partial<Interpretation> = {}) =>
  ({ status: 'failed', error_class, ...unpriced, ...more }) as const;
const completed = { status: 'completed' } as const;
const tokens = (input_uncached: number, cache_read: number, cache_write: number, output: number) => ({
  input_uncached,
  cache_read,
  cache_write,
  output,
});
const reported = (cost_usd: number) => ({ cost_usd, cost_source: 'reported' }) as const;
const row = (model: string, used: ReturnType<typeof tokens>, more = {}) => ({ model, ...used, ...more });

const hi: Expected = {
  ...completed,
  model: 'claude-opus-5',
  usage_by_model: [row('claude-opus-5', tokens(2, 15410, 13628, 13), { cost_usd: 0.1443 })],
  usage: { ...tokens(2, 15410, 13628, 13), turns: 1 },
  usage_state: 'terminal',
  ...reported(0.1443),
  text: 'Hi!',
};

const claude: Row[] = [
  ['claude-code/2.1-success.jsonl', hi],
  ['claude-code/2.1-json.out', hi],
  ['claude-code/2.1-json-verbose.out', hi],
  ['claude-code/2.1-json-pretty.out', hi],
  ['claude-code/2.1-text.txt', { ...completed, ...unpriced }],
  // Four lines of two messages, each with its usage: only the result counts.
  [
    'claude-code/2.1-repeated-usage.jsonl',
    {
      ...completed,
      usage: { ...tokens(4, 30820, 13628, 18), turns: 2 },
      usage_state: 'terminal',
      ...reported(0.15),
    },
  ],
  ['claude-code/2.1-warned.jsonl', { ...completed, retry_at: undefined, ...reported(0.01) }],
  [
    'claude-code/2.1-subagents.jsonl',
    {
      ...completed,
      model: 'claude-opus-5',
      usage_by_model: [
        row('claude-opus-5', tokens(10, 100, 0, 20), { cost_usd: 0.4 }),
        row('claude-haiku-4-5-20251001', tokens(300, 0, 7, 400), { cost_usd: 0.1 }),
      ],
      ...reported(0.5),
    },
  ],
  [
    'claude-code/2.1-budget.jsonl',
    {
      ...failed('budget'),
      error_message: 'Reached maximum budget ($0.02)',
      model: 'claude-opus-5[1m]',
      usage_by_model: [row('claude-opus-5[1m]', tokens(2, 18774, 4380, 964), { cost_usd: 0.0779 })],
      usage_state: 'terminal',
      ...reported(0.0779),
    },
    exit(1),
  ],
  [
    'claude-code/2.1-max-turns.jsonl',
    {
      ...failed('budget'),
      usage: { ...tokens(9, 40, 20, 700), turns: 4 },
      usage_state: 'terminal',
      ...reported(0.21),
    },
    exit(1),
  ],
  [
    'claude-code/2.1-during-execution.jsonl',
    { ...failed('nonzero_exit'), ...reported(0.03), error_message: 'ENOENT: no such file' },
    exit(1),
  ],
  [
    'claude-code/2.1-structured-output.jsonl',
    { ...failed('malformed_output'), usage_state: 'terminal', ...reported(0.4) },
  ],
  ['claude-code/2.1-session-limit.jsonl', failed('rate_limited', { retry_at: local(19, 12, 20) })],
  ['claude-code/2.1-weekly-limit.jsonl', failed('rate_limited', { retry_at: '2026-08-23T19:00:00.000Z' })],
  [
    'claude-code/2.1-rate-limit-event.jsonl',
    failed('rate_limited', { retry_at: '2026-08-20T14:00:00.000Z' }),
  ],
  // A limit that the user has set at the provider: a 400, which names its end.
  ['claude-code/2.1-api-limit.jsonl', failed('rate_limited', { retry_at: '2026-09-01T00:00:00.000Z' })],
  ['claude-code/2.1-extra-usage.txt', failed('rate_limited', { retry_at: local(19, 11, 0) }), exit(1)],
  [
    'claude-code/2.1-overage.jsonl',
    { ...completed, usage: { ...tokens(3, 0, 0, 6), turns: 1 }, usage_state: 'partial', ...reported(0.024) },
  ],
  ['claude-code/1.0-usage-limit.jsonl', failed('rate_limited', { retry_at: '2026-08-20T14:00:00.000Z' })],
  ['claude-code/2.1-throttled.jsonl', failed('overloaded', { retry_at: undefined })],
  ['claude-code/2.1-overloaded.jsonl', { ...failed('overloaded'), ...reported(0.01) }],
  ['claude-code/2.1-prompt-too-long.jsonl', failed('context_exhausted', { retry_at: undefined })],
  ['claude-code/2.1-not-logged-in.jsonl', failed('auth', { retry_at: undefined })],
  ['claude-code/2.1-invalid-key.stderr', failed('auth', { raw_result: undefined }), exit(1)],
  ['claude-code/2.1-sigterm.jsonl', failed('nonzero_exit', { model: 'claude-opus-5[1m]' }), exit(143)],
  ['claude-code/2.1-turns.jsonl', failed('malformed_output', { raw_result: undefined })],
];

const usedByCodex = (used: Expected['usage']): Expected => ({
  ...completed,
  usage: used,
  usage_state: 'terminal',
  cost_source: 'unpriced',
  text: 'Done.',
});

const codex: Row[] = [
  ['codex/0.46-success.jsonl', { ...usedByCodex(tokens(315, 24448, 0, 122)), model: undefined }],
  ['codex/0.125-success.jsonl', usedByCodex({ ...tokens(17653, 3456, 0, 11), reasoning: 9 })],
  ['codex/0.142-cache-write.jsonl', usedByCodex({ ...tokens(16653, 3456, 1000, 311), reasoning: 256 })],
  ['codex/0.142-reconnecting.jsonl', usedByCodex(tokens(100, 0, 0, 5))],
  ['codex/0.125-warning.jsonl', usedByCodex(tokens(100, 0, 0, 5))],
  // Each turn's total has those before it in it.
  ['codex/0.142-items.jsonl', usedByCodex({ ...tokens(1500, 1000, 0, 120), reasoning: 40 })],
  ['codex/0.142-no-usage.jsonl', { ...completed, ...unpriced }],
  ['codex/0.125-usage-limit.jsonl', failed('rate_limited', { retry_at: local(20, 11, 50) }), exit(1)],
  ['codex/0.57-usage-limit-today.jsonl', failed('rate_limited', { retry_at: local(19, 12, 16) }), exit(1)],
  ['codex/0.39-usage-limit-span.jsonl', failed('rate_limited', { retry_at: local(25, 8, 11) }), exit(1)],
  ['codex/0.155-usage-limit.jsonl', failed('rate_limited', { retry_at: local(19, 15, 28) }), exit(1)],
  ['codex/0.142-credits.jsonl', failed('rate_limited', { retry_at: undefined }), exit(1)],
  ['codex/0.142-retry-limit.jsonl', failed('rate_limited', { retry_at: undefined }), exit(1)],
  ['codex/0.142-disconnected.jsonl', failed('overloaded'), exit(1)],
  ['codex/0.142-capacity.jsonl', failed('overloaded'), exit(1)],
  ['codex/0.142-context.jsonl', failed('context_exhausted'), exit(1)],
  ['codex/0.142-unauthorized.jsonl', failed('auth'), exit(1)],
  ['codex/0.142-untrusted.stderr', failed('spawn'), exit(1)],
  ['codex/0.142-cut-off.jsonl', failed('malformed_output', { text: 'Done.' })],
  ['codex/0.142-text.txt', { ...completed, ...unpriced }],
];

const cursorUsed = (model: string, used: ReturnType<typeof tokens>): Expected => ({
  ...completed,
  model,
  usage_by_model: [row(model, used)],
  usage_state: 'terminal',
  cost_source: 'unpriced',
  text: 'All done.',
});

const cursor: Row[] = [
  ['cursor/2026.02-success.jsonl', cursorUsed('gpt-5.3-codex', tokens(12983, 5957, 0, 96))],
  ['cursor/2026.02-auto.jsonl', cursorUsed('Auto', tokens(12983, 5957, 0, 96))],
  ['cursor/2026.02-json.out', { ...completed, usage: tokens(12983, 5957, 0, 96), usage_state: 'terminal' }],
  ['cursor/2025.10-no-usage.jsonl', { ...completed, ...unpriced, model: 'Claude 4 Sonnet' }],
  ['cursor/2025.12-snake-case.jsonl', cursorUsed('gpt-5', tokens(100, 30, 4, 20))],
  ['cursor/2025.12-nested.jsonl', cursorUsed('gpt-5', tokens(100, 30, 0, 20))],
  [
    'cursor/2026.02-error.jsonl',
    failed('rate_limited', { retry_at: local(31 + 17, 0, 0), model: 'gpt-5' }),
    exit(1),
  ],
  ['cursor/2025.10-usage-limit.stderr', failed('rate_limited', { retry_at: local(31 + 17, 0, 0) }), exit(1)],
  ['cursor/2026.09-usage-limit.stderr', failed('rate_limited', { retry_at: local(31 + 17, 0, 0) }), exit(1)],
  ['cursor/2026.02-resource-exhausted.stderr', failed('rate_limited', { retry_at: undefined }), exit(1)],
  ['cursor/2026.02-not-logged-in.stderr', failed('auth'), exit(1)],
  ['cursor/2026.02-untrusted.stderr', failed('spawn'), exit(1)],
  ['cursor/2026.02-text.txt', { ...completed, ...unpriced }],
];

const proTokens = { ...tokens(4000, 20939, 0, 174), reasoning: 154 };

const gemini: Row[] = [
  [
    'gemini/0.56-json.out',
    {
      ...completed,
      model: 'gemini-2.5-pro',
      usage_by_model: [
        row('gemini-2.5-pro', proTokens),
        row('gemini-2.5-flash', tokens(8993, 0, 0, 40), { reasoning: 30 }),
      ],
      usage: { ...tokens(12993, 20939, 0, 214), reasoning: 184, api_calls: 3 },
      usage_state: 'terminal',
      cost_source: 'unpriced',
      text: 'All good.',
    },
  ],
  [
    'gemini/0.56-success.jsonl',
    {
      ...completed,
      model: 'gemini-2.5-pro',
      // A tool's own prompt cannot be told from thoughts here: 58 for 30.
      usage_by_model: [
        row('gemini-2.5-pro', proTokens),
        row('gemini-2.5-flash', tokens(8965, 0, 0, 68), { reasoning: 58 }),
      ],
      text: 'All good.',
    },
  ],
  [
    'gemini/0.12-success.jsonl',
    { ...completed, model: 'gemini-2.5-pro', usage: { ...tokens(100, 50, 0, 100), reasoning: 20 } },
  ],
  [
    'gemini/0.56-turn-limit.jsonl',
    { status: 'failed', error_class: 'budget', usage_state: 'terminal' },
    exit(53),
  ],
  [
    'gemini/0.56-quota.jsonl',
    failed('rate_limited', { retry_at: new Date(2026, 7, 20, 5, 14, 47).toISOString() }),
    exit(1),
  ],
  [
    'gemini/0.56-json-quota.stderr',
    failed('rate_limited', { retry_at: new Date(2026, 7, 20, 5, 14, 47).toISOString() }),
    exit(1),
  ],
  ['gemini/0.56-unavailable.jsonl', failed('overloaded'), exit(1)],
  [
    'gemini/0.56-invalid-stream.out',
    { ...failed('malformed_output'), usage_state: 'terminal', error_message: 'The model returned no text.' },
  ],
  [
    'gemini/0.56-invalid-stream.jsonl',
    { status: 'failed', error_class: 'malformed_output', usage_state: 'terminal' },
  ],
  ['gemini/0.56-loop.jsonl', { status: 'failed', error_class: 'stalled', usage_state: 'terminal' }],
  ['gemini/0.56-max-session-turns.jsonl', { status: 'failed', error_class: 'budget' }],
  ['gemini/0.56-no-auth.stderr', failed('auth'), exit(41)],
  ['gemini/0.56-untrusted.stderr', failed('spawn'), exit(55)],
  ['gemini/0.56-text.txt', { ...completed, ...unpriced }],
];

const opencode: Row[] = [
  [
    'opencode/1.17-success.jsonl',
    {
      ...completed,
      usage: { ...tokens(3, 0, 8076, 7), reasoning: 0, api_calls: 1 },
      usage_state: 'terminal',
      ...reported(0.030399),
      text: 'Hi.',
    },
  ],
  [
    'opencode/1.18-steps.jsonl',
    {
      ...completed,
      usage: { ...tokens(130, 210, 10, 25), reasoning: 0, api_calls: 2 },
      usage_state: 'terminal',
      ...reported(0.03),
      text: 'Done.',
    },
  ],
  [
    'opencode/1.18-reasoning-unpriced.jsonl',
    {
      ...completed,
      usage: { ...tokens(8072, 7900, 0, 67), reasoning: 24, api_calls: 2 },
      cost_usd: undefined,
      cost_source: 'unpriced',
    },
  ],
  [
    'opencode/1.18-reasoning-inside.jsonl',
    { usage: { ...tokens(100, 0, 0, 50), reasoning: 30, api_calls: 1 } },
  ],
  [
    'opencode/1.18-open-step.jsonl',
    {
      ...failed('malformed_output'),
      usage: { ...tokens(100, 50, 10, 20), reasoning: 0, api_calls: 1 },
      usage_state: 'partial',
      ...reported(0.01),
    },
  ],
  [
    'opencode/1.18-refused.jsonl',
    {
      status: 'failed',
      error_class: 'malformed_output',
      error_message: 'the stream ended after a step with tool calls; refused for want of permission: bash',
      usage_state: 'partial',
    },
  ],
  ['opencode/1.18-rate-limit.jsonl', failed('rate_limited', { retry_at: local(19, 10, 2) }), exit(1)],
  ['opencode/1.18-free-usage.jsonl', failed('rate_limited', { retry_at: local(20, 6, 30) }), exit(1)],
  ['opencode/1.18-go-limit.jsonl', failed('rate_limited', { retry_at: local(19, 15, 23) }), exit(1)],
  ['opencode/1.18-missing-key.jsonl', failed('auth'), exit(1)],
  ['opencode/1.18-auth.jsonl', failed('auth'), exit(1)],
  ['opencode/1.18-overflow.jsonl', failed('context_exhausted')],
  ['opencode/1.18-unknown-error.jsonl', failed('nonzero_exit'), exit(1)],
  ['opencode/1.18-overloaded.jsonl', failed('overloaded')],
  [
    'opencode/1.18-length.jsonl',
    { status: 'failed', error_class: 'context_exhausted', usage_state: 'terminal', ...reported(0.5) },
  ],
  ['opencode/1.18-subagent.jsonl', { ...completed, usage_state: 'partial', ...reported(0.03) }],
  ['opencode/1.18-text.txt', { ...completed, ...unpriced }],
];

const gpt = 'openai/gpt-4o';
const sonnet = 'anthropic/claude-sonnet-4-20250514';
const usedByAider = (model: string, used: ReturnType<typeof tokens>, cost?: number, turns = 1): Expected => ({
  ...completed,
  model,
  usage_by_model: [row(model, used, cost === undefined ? {} : { cost_usd: cost })],
  usage: { ...used, turns },
  usage_state: 'partial',
});

const aider: Row[] = [
  [
    'aider/0.86-success.txt',
    { ...usedByAider(gpt, tokens(4321, 0, 0, 512), 0.0146425), ...reported(0.0146425) },
  ],
  // 40 + 3104 read + 1240 written: what is cached is rounded to 3100 and 1200, and the rest off by as much.
  [
    'aider/0.86-cache.txt',
    { ...usedByAider(sonnet, tokens(124, 3100, 1200, 512), 0.0133812), ...reported(0.0133812) },
  ],
  ['aider/0.86-cache-hit.txt', { ...usedByAider(sonnet, tokens(0, 3100, 0, 512)), ...reported(0.0087) }],
  ['aider/0.86-one-line.txt', { ...usedByAider(sonnet, tokens(0, 3100, 1200, 512)), ...reported(0.03) }],
  [
    'aider/0.58-hint.txt',
    { ...usedByAider('claude-3-5-sonnet-20240620', tokens(14_000, 0, 0, 1100)), ...reported(0.21) },
  ],
  ['aider/0.86-streamed.txt', { ...usedByAider(sonnet, tokens(2500, 0, 0, 31)), ...reported(0.0079) }],
  [
    'aider/0.86-architect.txt',
    {
      ...completed,
      model: sonnet,
      usage_by_model: [
        row(sonnet, tokens(4321, 0, 0, 512), { cost_usd: 0.020643 }),
        row(gpt, tokens(4321, 0, 0, 512), { cost_usd: 0.0146425 }),
      ],
      usage: { ...tokens(8642, 0, 0, 1024), turns: 2 },
      usage_state: 'partial',
      ...reported(0.0352855),
    },
  ],
  ['aider/0.86-log.jsonl', { ...completed, model: gpt, usage_state: 'partial', ...reported(0.0352855) }],
  [
    'aider/0.86-unpriced.txt',
    { ...usedByAider('openai/our-own', tokens(4321, 0, 0, 512)), cost_source: 'unpriced' },
  ],
  ['aider/0.86-retried.txt', { ...usedByAider(sonnet, tokens(4300, 0, 0, 512)), ...reported(0.01) }],
  ['aider/0.86-command.txt', { ...completed, ...unpriced }],
  [
    'aider/0.86-reflections.txt',
    { status: 'failed', error_class: 'stalled', usage_state: 'partial', ...reported(0.05857) },
  ],
  ['aider/0.86-empty.txt', { status: 'failed', error_class: 'empty_output', ...reported(0.01) }],
  // The figures are for a message that was refused: nobody was asked to pay for them.
  ['aider/0.86-context.txt', failed('context_exhausted', { cost_usd: undefined })],
  ['aider/0.86-output-limit.txt', failed('context_exhausted')],
  ['aider/0.86-rate-limit.txt', failed('rate_limited', { retry_at: undefined })],
  [
    'aider/0.80-gemini-quota.txt',
    failed('rate_limited', { retry_at: new Date(2026, 7, 19, 10, 0, 44).toISOString() }),
  ],
  ['aider/0.86-overloaded.txt', failed('overloaded', { retry_at: undefined })],
  ['aider/0.86-auth.txt', failed('auth')],
  ['aider/0.86-missing-key.txt', failed('auth')],
  ['aider/0.86-no-model.txt', failed('auth')],
  ['aider/0.86-credit.txt', failed('auth')],
  ['aider/0.86-not-found.txt', failed('nonzero_exit', { model: 'openai/gpt-nope' })],
  ['aider/0.86-interrupted.txt', failed('killed')],
  ['aider/0.86-unanswered.jsonl', failed('nonzero_exit')],
  ['aider/0.86-bad-option.stderr', failed('spawn'), exit(2)],
  ['aider/0.86-uncaught.stderr', failed('overloaded'), exit(1)],
];

const table = [...claude, ...codex, ...cursor, ...gemini, ...opencode, ...aider];

it('names every fixture', () => {
  expect(table.map(([file]) => file).sort()).toEqual(listFixtures());
});

it('every fixture holds a fact in README.md, whose tests are there', () => {
  const page = readFixture('README.md').toString();
  const named = [...page.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
  const files = named.filter((name) => /^[\w-]+\/[\d.]+-.*\.(jsonl|out|txt|stderr)$/.test(name));
  expect([...new Set(files)].sort()).toEqual(listFixtures());
  const tests = named.filter((name) => name.endsWith('.test.ts'));
  expect(tests.filter((name) => !existsSync(name))).toEqual([]);
});

describe('what was printed means', () => {
  it.each(table)('%s', (file, expected, end) => {
    const { text, error_message, raw_result, retry_at, ...rest } = interpretFixture(file, end);
    expect({ ...rest, text, error_message, raw_result, retry_at }).toMatchObject(expected);
    expect(outcomeFields.partial().parse({ ...rest, model: rest.model, raw_result })).toBeDefined();
    expect(rest.error_class !== undefined).toBe(rest.status === 'failed');
    if (rest.usage_state === 'none') {
      expect(rest.usage ?? rest.usage_by_model).toBeUndefined();
    }
  });
});

it.each(table.filter(([, { usage_state }]) => usage_state === 'none'))(
  '%s tells no usage, which is nowhere 0',
  (file, _, end) => {
    const { usage, usage_by_model, cost_usd } = interpretFixture(file, end);
    expect([usage, usage_by_model]).toEqual([undefined, undefined]);
    expect(cost_usd).not.toBe(0);
  },
);
