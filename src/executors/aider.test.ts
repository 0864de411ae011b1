import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpret, readFixture, readRecord } from '../../test/executors/agent-fixture.ts';
import { agentTask } from '../../test/executors/service-stand-in.ts';
import { aider } from './aider.ts';

const executor = aider({ command: 'aider', args: ['--cache-prompts'], billing: 'metered' });
const text = (name: string) => readFixture(`aider/0.86-${name}.txt`).toString();
const record = (name: string) => readRecord(`aider/0.86-${name}.txt`) ?? Buffer.alloc(0);
const read = (output: string, more: Parameters<typeof interpret>[2] = {}) =>
  interpret(executor, [Buffer.from(output)], more);

describe('the command line', () => {
  it('takes the prompt from a file, and agrees to nothing by itself', () => {
    const { args, files, record: log } = executor.command(agentTask({ model: 'gpt-5' }), '/run');
    expect(args).toEqual([
      '--message-file=/run/message',
      ...['--yes-always', '--no-stream', '--no-pretty', '--no-fancy-input'],
      ...['--no-check-update', '--no-show-release-notes', '--no-detect-urls', '--no-gitignore'],
      ...['--no-analytics', '--analytics-log=/run/analytics.jsonl'],
      ...['--chat-history-file=/dev/null', '--input-history-file=/dev/null'],
      ...['--model=gpt-5', '--cache-prompts'],
    ]);
    expect(files).toEqual({ '/run/message': 'Do what is to be done.' });
    expect(log).toBe('/run/analytics.jsonl');
    expect(executor.streams).toBe(false);
  });

  it.each([
    ['/help', '\n/help'],
    ['!rm -r .', '\n!rm -r .'],
    [' !rm', ' !rm'],
  ])('%s is no command', (direction, message) => {
    expect(executor.command(agentTask({ direction }), '/run').files).toEqual({ '/run/message': message });
  });
});

interface Sent {
  sent: number;
  received: number;
  cents: number;
}

const logLine = ({ sent, received, cents }: Sent) =>
  `${JSON.stringify({ event: 'message_send', properties: { prompt_tokens: sent, completion_tokens: received, cost: cents / 100, total_cost: cents / 100 }, user_id: 'u', time: 1 })}\n`;
const printedLine = ({ sent, received, cents }: Sent) =>
  `An answer.\n\nTokens: ${short(sent)} sent, ${short(received)} received. Cost: $${cents / 100} message, $${cents / 100} session.\n`;

/** As `format_tokens` in `aider/utils.py`. */
function short(count: number): string {
  if (count < 1000) return `${count}`;
  return count < 10_000 ? `${(count / 1000).toFixed(1)}k` : `${Math.round(count / 1000)}k`;
}

function rounded(count: number): number {
  return count < 1000 ? count : Math.round(Number(short(count).slice(0, -1)) * 1000);
}

describe('figures', () => {
  it('are of the log where it tells of the same messages, else of the text', () => {
    const exact = { usage: { input_uncached: 4321, output: 512 }, cost_usd: 0.0146425 };
    expect(read(text('success'), { record: record('success') })).toMatchObject(exact);
    const rounded = { usage: { input_uncached: 4300, output: 512 }, cost_usd: 0.01 };
    expect(read(text('success'))).toMatchObject(rounded);
    const other = record('success').toString().replace('"prompt_tokens": 4321', '"prompt_tokens": 99');
    expect(read(text('success'), { record: Buffer.from(other) })).toMatchObject(rounded);
  });

  it('of a log that another process has written to as well are those of this one', () => {
    const [launched = '', starting = '', sent = '', exit = ''] = record('success')
      .toString()
      .split(/(?<=\n)/);
    const foreign = sent.replace('"prompt_tokens": 4321', '"prompt_tokens": 70000');
    const mixed = Buffer.from(launched + starting + foreign + sent + foreign + exit);
    expect(read(text('success'), { record: mixed })).toMatchObject({
      usage: { input_uncached: 4321, turns: 1 },
      cost_usd: 0.0146425,
    });
  });

  it('in an answer are none, where there is a log', () => {
    const lie = 'Tokens: 900k sent, 80k received. Cost: $9.00 message, $99.00 session.\n';
    const output = text('success').replace('I will make it greet.\n', `I will make it greet.\n${lie}`);
    expect(read(output, { record: record('success') })).toMatchObject({
      usage: { input_uncached: 4321, output: 512, turns: 1 },
      cost_usd: 0.0146425,
    });
  });

  it('of several runs in one log are of the last', () => {
    const twice = Buffer.concat([record('architect'), record('success')]);
    expect(read('', { record: twice })).toMatchObject({ usage: { turns: 1 }, cost_usd: 0.0146425 });
    expect(read(twice.toString())).toMatchObject({ usage: { turns: 1 }, cost_usd: 0.0146425 });
  });

  it('are the run’s own, whatever else is in its log and its answers', () => {
    const message = fc.record({ sent: fc.nat(200_000), received: fc.nat(30_000), cents: fc.nat(500) });
    // No message of the run is as long as these.
    const other = fc.record({
      sent: fc.integer({ min: 1e6, max: 2e6 }),
      received: fc.nat(900),
      cents: fc.nat(),
    });
    const where = fc.array(fc.tuple(fc.nat(), other), { maxLength: 6 });
    const messages = fc.array(message, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(messages, where, where, fc.boolean(), (own, foreign, lies, logged) => {
        const mixed = (others: [number, (typeof own)[number]][]) =>
          others.reduce((all, [at, one]) => all.toSpliced(at % (all.length + 1), 0, one), own);
        const log = Buffer.from(mixed(foreign).map(logLine).join(''));
        // Without a log a lie cannot be told from the truth.
        const output = (logged ? mixed(lies) : own).map(printedLine).join('');
        const { usage } = read(`Aider v0.86.2\n${output}`, { record: logged ? log : undefined });
        const sum = (name: 'sent' | 'received') =>
          own.reduce((total, one) => total + (logged ? one[name] : rounded(one[name])), 0);
        // What an assertion answers is none of the property's.
        if (sum('sent') + sum('received') === 0) {
          expect(usage).toBeUndefined();
          return;
        }
        expect(usage).toMatchObject({
          input_uncached: sum('sent'),
          output: sum('received'),
          turns: own.length,
        });
      }),
    );
  });

  it('of many models in the text alone are a sum, and no model’s', () => {
    const result = read(text('architect'));
    expect(result.usage).toMatchObject({ input_uncached: 8600, output: 1024, turns: 2 });
    expect(result.usage_by_model).toBeUndefined();
    expect(result.cost_usd).toBe(0.04);
  });

  it('of a message that was refused are taken off', () => {
    const refused = text('context').slice(text('context').indexOf('Tokens: '));
    const log = Buffer.concat([
      record('success').subarray(0, record('success').lastIndexOf('{"event": "exit"')),
      Buffer.from(
        record('context')
          .toString()
          .split('\n')
          .filter((line) => line.includes('"message_send'))
          .join('\n')
          .replace('"total_cost": 0.007431', '"total_cost": 0.0220735'),
      ),
    ]);
    const both = read(text('success') + refused, { record: log });
    expect(both).toMatchObject({
      error_class: 'context_exhausted',
      usage: { input_uncached: 4321, turns: 1 },
    });
    expect(both.cost_usd).toBeCloseTo(0.0146425, 9);
    expect(read(text('success') + refused).usage).toMatchObject({ input_uncached: 4300, turns: 1 });
  });

  it('without a price for each message have none', () => {
    const [first = '', second = ''] = text('architect').split(/(?<=session\.\n)/);
    const output = first + second.replace(' Cost: $0.01 message, $0.04 session.', '');
    expect(read(output)).toMatchObject({ usage: { turns: 2 }, cost_source: 'unpriced' });
    expect(read(output).cost_usd).toBeUndefined();
  });
});

describe('a failure', () => {
  it('that an answer talks of is none', () => {
    const output = text('success').replace('I will make', 'litellm.AuthenticationError: no\nI will make');
    expect(read(output).status).toBe('completed');
  });

  it('is said with the words that follow it, and not with what is done about it', () => {
    expect(read(text('rate-limit')).error_message).toMatch(
      /^litellm\.RateLimitError: AnthropicException - \{"type".*try again later\."\}\} The API provider has rate limited you\. .*quotas\.$/,
    );
  });

  it('of the weak model, which is asked for the message of a commit, is made good by the commit', () => {
    const trouble = 'litellm.RateLimitError: no\nRetrying in 0.2 seconds...\n';
    const output = text('success').replace('Commit ', `${trouble}Commit `);
    expect(read(output).status).toBe('completed');
    expect(read(text('success') + trouble).error_class).toBe('rate_limited');
  });

  it('is in the log where the text is not ours to read', () => {
    const argv = ['aider', '-m', 'Hi'];
    expect(read('', { argv, record: record('success') }).status).toBe('completed');
    expect(read('', { argv, record: record('output-limit') })).toMatchObject({
      error_class: 'nonzero_exit',
      error_message: expect.stringContaining('no answer'),
    });
    const exception =
      '{"event": "message_send_exception", "properties": {"exception": "Service unavailable"}, "user_id": "u", "time": 1}\n';
    expect(read('', { argv, record: Buffer.from(exception) }).error_class).toBe('overloaded');
  });

  it.each([
    [['aider', '--lint'], 'completed'],
    [undefined, 'failed'],
  ])('is no answer to a message only: %j', (argv, status) => {
    expect(read(text('command'), { argv }).status).toBe(status);
  });
});

it('says what it has cost so far, and that it waits for a login', () => {
  const reader = executor.createReader();
  expect(reader.progress()).toEqual({ final: false });
  reader.push(Buffer.from(text('reflections')));
  expect(reader.progress()).toEqual({ final: false, cost_usd: 0.06, turns: 4 });
  const other = executor.createReader();
  other.push(Buffer.from(text('no-model')));
  expect(other.progress().final).toBe(true);
});
