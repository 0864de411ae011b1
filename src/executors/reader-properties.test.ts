import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  executorOf,
  fixtureExecutors,
  interpret,
  listFixtures,
  readFixture,
} from '../../test/executors/agent-fixture.ts';
import { errorClasses, outcomeFields } from '../domain/outcome.ts';
import type { Interpretation } from './executor.ts';

const texts = listFixtures().filter((file) => /^aider\/.*\.txt$/.test(file));
const printed = [...listFixtures().filter((file) => /\.(jsonl|out)$/.test(file)), ...texts];
const streamed = printed.filter((file) => file.endsWith('.jsonl'));

const outcomeMembers = outcomeFields.partial();

/** Cuts bytes where `at` says, whatever their length. */
function cut(bytes: Buffer, at: number[]): Buffer[] {
  const cuts = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to));
}

/** What holds of every outcome, however it came about. */
function expectSound({ text: _, retry_at, error_message, ...outcome }: Interpretation): void {
  const { status, error_class, usage, usage_by_model, usage_state, cost_usd, cost_source } = outcome;
  expect(status === 'failed').toBe(error_class !== undefined);
  if (error_class !== undefined) expect(errorClasses).toContain(error_class);
  expect(error_message?.length ?? 0).toBeLessThanOrEqual(4096);
  expect(usage_state === 'none').toBe(usage === undefined && usage_by_model === undefined);
  expect(cost_usd !== undefined).toBe(cost_source === 'reported');
  if (retry_at !== undefined) expect(new Date(retry_at).toISOString()).toBe(retry_at);
  expect(Buffer.byteLength(outcome.raw_result ?? '')).toBeLessThanOrEqual(65_536);
  expect(outcomeMembers.safeParse(outcome).error).toBeUndefined();
}

const usageOf = ({ usage, usage_by_model, usage_state, cost_usd }: Interpretation) => ({
  usage,
  usage_by_model,
  usage_state,
  cost_usd,
});
const places = fc.array(fc.nat(5000), { maxLength: 40 });

describe.each(printed)('%s', (file) => {
  const executor = executorOf(file);
  const bytes = readFixture(file);
  const whole = interpret(executor, [bytes]);

  it('means the same wherever it is cut', () => {
    fc.assert(
      fc.property(places, (at) => {
        expect(interpret(executor, cut(bytes, at))).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('cut off has the usage of the whole, or says that it is none or a part', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), (length) => {
        const part = interpret(executor, [bytes.subarray(0, length)]);
        expectSound(part);
        if (part.usage_state === 'terminal') expectEarlierTotal(file, part, whole);
        if (texts.includes(file)) expectNoMore(file, part, whole);
        if (part.usage_state === 'none') expect(part.usage ?? part.usage_by_model).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  it('never throws when bytes of it are wrong', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 20 }), (from, wrong) => {
        const broken = Buffer.from(bytes);
        broken.set(wrong.subarray(0, broken.length - from), from);
        expectSound(interpret(executor, [broken], { exitCode: 1 }));
      }),
      { numRuns: 60 },
    );
  });
});

/**
 * Claude Code's results and Codex's turns are running totals and OpenCode's steps are summed, so that a stream that is cut off after one
 * that ended can have an earlier total, and never another.
 */
function expectEarlierTotal(file: string, part: Interpretation, whole: Interpretation): void {
  if (/subagents|items|opencode/.test(file)) {
    const tokens = (one: Interpretation) => one.usage?.output ?? one.usage_by_model?.[0]?.output ?? 0;
    expect(tokens(part)).toBeLessThanOrEqual(tokens(whole));
    return;
  }
  expect(usageOf(part)).toEqual(usageOf(whole));
}

const garbage = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('{', '}', '[', ']', '{"type":"result"', 'ÿ\u0000', '\u001b[31mred', '[]', '{}')
    .map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
  fc.constant(Buffer.from([0xed, 0xa0, 0x80, 0xff, 0xfe])),
);

/** A file's lines with lines of garbage put in before those whose numbers are said. */
function withGarbage(lines: Buffer[], inserts: [number, Buffer][]): Buffer[] {
  const before = (place: number) =>
    inserts.filter(([at]) => at === place).map(([, bytes]) => Buffer.concat([bytes, Buffer.from('\n')]));
  return [...lines.flatMap((line, index) => [...before(index), line]), ...before(lines.length)];
}

function linesOf(file: string): Buffer[] {
  return readFixture(file)
    .toString()
    .split('\n')
    .map((line) => Buffer.from(`${line}\n`));
}

/** Text has no marks for where a message ends: a part of it has at most the usage of the whole. */
function expectNoMore(file: string, part: Interpretation, whole: Interpretation): void {
  // What follows takes back the usage before it: it was only an estimate.
  if (file.includes('context')) return;
  for (const name of ['input_uncached', 'cache_read', 'cache_write', 'output'] as const) {
    expect(part.usage?.[name] ?? 0).toBeLessThanOrEqual(whole.usage?.[name] ?? 0);
  }
  expect(part.cost_usd ?? 0).toBeLessThanOrEqual(whole.cost_usd ?? 0);
}

describe.each(texts)('%s', (file) => {
  const executor = executorOf(file);
  const lines = linesOf(file);
  const whole = interpret(executor, lines);
  const answer = fc
    .tuple(fc.constantFrom('Tokens: ', 'litellm.', 'Cost: $', 'Model: ', '> ', 'Commit '), fc.string())
    .map(([start, rest]) => Buffer.from(start + rest.replaceAll('\n', ' ')));

  it('has no more usage with garbage in between, and is sound with any text', () => {
    const inserts = (what: fc.Arbitrary<Buffer>) =>
      fc.array(fc.tuple(fc.nat(lines.length), what), { maxLength: 12 });
    fc.assert(
      fc.property(inserts(garbage), inserts(answer), (some, more) => {
        const mixed = interpret(executor, withGarbage(lines, some));
        expectSound(mixed);
        expectNoMore(file, mixed, whole);
        expectSound(interpret(executor, withGarbage(lines, more), { exitCode: more.length % 3 }));
      }),
      { numRuns: 30 },
    );
  });
});

describe.each(streamed)('%s', (file) => {
  const executor = executorOf(file);
  const lines = linesOf(file).slice(0, -1);
  const whole = interpret(executor, lines);
  const begun = fc.constant(Buffer.from(lines.at(-1) ?? '').subarray(0, 40));

  it('means the same with lines of garbage in between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(lines.length), fc.oneof(garbage, begun)), { maxLength: 12 }),
        (inserts) => {
          expect(interpret(executor, withGarbage(lines, inserts))).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe.each(fixtureExecutors)('$name', (executor) => {
  const types = [
    ...['result', 'system', 'assistant', 'rate_limit_event', 'turn.started', 'turn.completed', 'turn.failed'],
    ...[
      'item.completed',
      'error',
      'init',
      'message',
      'step_start',
      'step_finish',
      'tool_use',
      'text',
      'done',
      'message_send',
    ],
  ];
  const member = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.nat(), fc.string());
  const names = [
    ...['subtype', 'is_error', 'status', 'error', 'usage', 'modelUsage', 'part', 'stats', 'result', 'errors'],
    ...['total_cost_usd', 'message', 'item', 'rate_limit_info', 'rejected', 'response', 'warnings', 'model'],
    ...[
      'tokens',
      'models',
      'cost',
      'reason',
      'input',
      'output',
      'input_tokens',
      'output_tokens',
      'num_turns',
    ],
  ];
  const object = fc.dictionary(
    fc.constantFrom(...names),
    fc.oneof(member, fc.dictionary(fc.constantFrom(...names), member)),
  );
  const event = fc.tuple(fc.constantFrom(...types), object).map(([type, members]) => ({ ...members, type }));

  it('makes something sound of any events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), fc.constantFrom(0, 1, 53), (events, exitCode) => {
        const lines = events.map((one) => Buffer.from(`${JSON.stringify(one)}\n`));
        expectSound(interpret(executor, lines, { exitCode }));
      }),
      { numRuns: 300 },
    );
  });

  it('makes something sound of any bytes, tail and end', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.option(fc.nat(255)), (bytes, tail, exitCode) => {
        const end = exitCode === null ? { signal: 'SIGKILL' as const, exitCode: undefined } : { exitCode };
        expectSound(interpret(executor, [bytes], { ...end, tail: `[ERROR] {${tail}}` }));
      }),
      { numRuns: 200 },
    );
  });
});

it('holds no more of a flood than a line', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (const executor of fixtureExecutors) {
    const reader = executor.createReader();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let megabytes = 0; megabytes < 64; megabytes += 1) reader.push(chunk);
    expect(reader.interpret({ exitCode: 0, tail: '' })).toBeDefined();
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024);
});
