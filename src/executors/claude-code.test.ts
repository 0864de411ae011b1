import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentTask } from '../../test/executors/service-stand-in.ts';
import { errorClasses, outcomeFields } from '../domain/outcome.ts';
import { claudeCode } from './claude-code.ts';
import type { Interpretation, ProcessEnd } from './executor.ts';

const executor = claudeCode({ command: 'claude', args: ['--permission-mode', 'plan'], billing: 'metered' });

function fixture(name: string): Buffer {
  return readFileSync(
    new URL(`../../test/executors/fixtures/claude-code/2.1-${name}.jsonl`, import.meta.url),
  );
}

function interpret(output: Uint8Array[] | Buffer, end: Partial<ProcessEnd> = {}): Interpretation {
  const reader = executor.createReader();
  for (const chunk of Array.isArray(output) ? output : [output]) reader.push(chunk);
  return reader.interpret({ exitCode: 0, tail: '', ...end });
}

describe('the command line', () => {
  it('keeps the direction off it, and takes no value for an option', () => {
    const task = agentTask({
      direction: '--dangerous',
      model: 'claude-opus-5',
      max_cost_usd: 2,
      max_turns: 9,
    });
    expect(executor.command(task, '/run')).toEqual({
      program: 'claude',
      args: [
        ...['-p', '--output-format', 'stream-json', '--verbose'],
        ...['--model=claude-opus-5', '--max-budget-usd=2', '--max-turns=9', '--permission-mode', 'plan'],
      ],
      stdin: '--dangerous',
    });
  });

  it('names no model where the task leaves it to the CLI', () => {
    expect(executor.command(agentTask(), '/run').args.join(' ')).not.toContain('--model');
  });

  it('hands on a decision', () => {
    const task = agentTask({ direction: 'Go.', decision_prompt: 'Left or right?', decision: 'Left.' });
    expect(executor.command(task, '/run').stdin).toBe(
      'Go.\n\nYou asked: Left or right?\nThe decision: Left.',
    );
  });
});

describe('a result', () => {
  it('of a run that succeeded: usage by model, cost, and the folded name', () => {
    expect(interpret(fixture('success'))).toEqual({
      status: 'completed',
      model: 'claude-opus-5',
      usage_by_model: [
        {
          model: 'claude-opus-5',
          input_uncached: 2,
          cache_read: 15410,
          cache_write: 13628,
          output: 13,
          cost_usd: 0.1443,
        },
      ],
      usage: { input_uncached: 2, cache_read: 15410, cache_write: 13628, output: 13, turns: 1 },
      usage_state: 'terminal',
      cost_usd: 0.1443,
      cost_source: 'reported',
      billing: 'metered',
      raw_result: fixture('success').toString().trim().split('\n').at(-1),
      text: 'Hi!',
    });
  });

  it('counts once, from the last result, with the subagents', () => {
    const result = interpret(fixture('subagents'));
    expect(result.cost_usd).toBe(0.5);
    expect(result.model).toBe('claude-opus-5');
    expect(result.usage_by_model?.map(({ model, output }) => [model, output])).toEqual([
      ['claude-opus-5', 20],
      ['claude-haiku-4-5-20251001', 400],
    ]);
  });

  it.each([
    ['session-limit', 'rate_limited', "You've hit your session limit · resets 12:20pm"],
    ['overloaded', 'overloaded', 'API Error: 529 Overloaded'],
    ['prompt-too-long', 'context_exhausted', 'Prompt is too long'],
    ['not-logged-in', 'auth', 'Not logged in · Please run /login'],
    ['budget', 'budget', 'Reached maximum budget ($0.02)'],
  ])('%s is a failure at exit 0', (name, errorClass, message) => {
    expect(interpret(fixture(name))).toMatchObject({
      status: 'failed',
      error_class: errorClass,
      error_message: message,
    });
  });

  it('keeps what a run has cost that failed', () => {
    const result = interpret(fixture('budget'), { exitCode: 1 });
    expect(result.cost_usd).toBe(0.0779);
    expect(result.usage_by_model?.[0]).toMatchObject({ model: 'claude-opus-5[1m]', output: 964 });
  });

  it.each(['session-limit', 'not-logged-in', 'prompt-too-long'])(
    '%s has no usage: unpriced, not 0',
    (name) => {
      const result = interpret(fixture(name));
      expect(result).toMatchObject({ usage_state: 'none', cost_source: 'unpriced' });
      expect(result.cost_usd).toBeUndefined();
      expect(result.usage_by_model).toBeUndefined();
    },
  );

  it('takes a cost of 0 with tokens used for unknown', () => {
    const line =
      '{"type":"result","subtype":"success","is_error":false,"total_cost_usd":0,"modelUsage":{"mine":{"inputTokens":5,"outputTokens":5,"costUSD":0}}}';
    const result = interpret(Buffer.from(line));
    expect(result).toMatchObject({ status: 'completed', cost_source: 'unpriced' });
    expect(result.usage_by_model?.[0]?.cost_usd).toBeUndefined();
  });

  it('says that usage without the subagents is a part', () => {
    const line =
      '{"type":"result","subtype":"success","is_error":false,"usage":{"input_tokens":5,"output_tokens":6}}';
    expect(interpret(Buffer.from(line))).toMatchObject({
      usage: { input_uncached: 5, cache_read: 0, cache_write: 0, output: 6 },
      usage_state: 'partial',
    });
  });

  it.each([
    ['{"type":"result","subtype":"error_max_turns","is_error":false}', 'budget'],
    ['{"type":"result","subtype":"error_during_execution","is_error":true}', 'nonzero_exit'],
    ['{"type":"result","subtype":"success"}', 'malformed_output'],
    ['{"type":"result","is_error":"no","subtype":7}', 'malformed_output'],
  ])('%s is %s', (line, errorClass) => {
    expect(interpret(Buffer.from(line))).toMatchObject({ status: 'failed', error_class: errorClass });
  });
});

describe('no result', () => {
  it.each([
    ['nothing at exit 0', '', { exitCode: 0 }, 'empty_output'],
    ['something else at exit 0', 'Hello', { exitCode: 0, tail: 'Hello' }, 'malformed_output'],
    ['half a result', '{"type":"result","subtype":"succ', { exitCode: 0 }, 'malformed_output'],
    ['a signal', '{"type":"system"}', { exitCode: undefined, signal: 'SIGKILL' as const }, 'nonzero_exit'],
    ['a refusal in words', '', { exitCode: 1, tail: 'Invalid API key · Please run /login' }, 'auth'],
    [
      'an agent that spoke of logins',
      '{"type":"assistant"}',
      { exitCode: 1, tail: '{"type":"assistant","text":"Not logged in"}' },
      'nonzero_exit',
    ],
  ])('%s is %s', (_, output, end, errorClass) => {
    const result = interpret(Buffer.from(output), end);
    expect(result).toMatchObject({ status: 'failed', error_class: errorClass, cost_source: 'unpriced' });
    expect(result.cost_usd).toBeUndefined();
  });
});

describe('any output', () => {
  const cut = (bytes: Buffer, at: number[]) => {
    const cuts = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    return cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to));
  };

  it('is read alike, wherever it is cut', () => {
    const whole = interpret(fixture('success'));
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { maxLength: 30 }), (at) => {
        expect(interpret(cut(fixture('success'), at))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('of garbage around a result never changes what it says', () => {
    const whole = interpret(fixture('budget'));
    const garbage = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(garbage, fc.jsonValue(), (bytes, json) => {
        const before = [bytes, Buffer.from(`\n${JSON.stringify(json)}\n`)];
        expect(interpret([...before, fixture('budget'), Buffer.from('\n'), bytes])).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  it('makes no throw, and always an outcome that the service takes', () => {
    const member = fc.oneof(fc.jsonValue(), fc.double(), fc.string());
    const result = fc.record(
      {
        subtype: fc.oneof(fc.constant('success'), member),
        is_error: fc.oneof(fc.boolean(), member),
        api_error_status: member,
        terminal_reason: member,
        result: member,
        errors: member,
        total_cost_usd: member,
        usage: member,
        modelUsage: fc.oneof(
          member,
          fc.dictionary(
            fc.string(),
            fc.record({
              inputTokens: member,
              outputTokens: fc.nat(),
              costUSD: member,
              canonicalModel: member,
            }),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(result, fc.constantFrom(0, 1), (event, exitCode) => {
        const {
          status,
          error_class,
          error_message,
          retry_at: _,
          text: __,
          ...rest
        } = interpret(Buffer.from(JSON.stringify({ type: 'result', ...event })), { exitCode });
        expect(status === 'failed').toBe(error_class !== undefined && errorClasses.includes(error_class));
        expect(error_message?.length ?? 0).toBeLessThanOrEqual(4096);
        expect(outcomeFields.partial().safeParse(rest).error).toBeUndefined();
        expect(rest.cost_usd !== undefined).toBe(rest.cost_source === 'reported');
      }),
      { numRuns: 300 },
    );
  });
});
