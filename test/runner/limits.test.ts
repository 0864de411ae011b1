import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { fixtureNow } from '../executors/agent-fixture.ts';
import { type Cli, goodRuns, type Pipeline, pipeline } from './pipeline-under-test.ts';

/** A time as a clock shows it where the test runs. */
const local = (month: number, day: number, hour: number, minute: number) =>
  new Date(2026, month - 1, day, hour, minute).getTime();

interface Limit {
  cli: Cli;
  fixture: string;
  exit: number;
  begins?: number;
  /** When it ends, by the CLI's own words. */
  ends: number;
}

const limits: Limit[] = [
  // "resets 12:20pm"
  { cli: 'claude-code', fixture: '2.1-session-limit.jsonl', exit: 0, ends: local(8, 19, 12, 20) },
  // "try again at Aug 20th, 2026 11:50 AM."
  { cli: 'codex', fixture: '0.125-usage-limit.jsonl', exit: 1, ends: local(8, 20, 11, 50) },
  // "when your monthly cycle ends on 9/17/2026"
  {
    cli: 'cursor',
    fixture: '2025.10-usage-limit.stderr',
    exit: 1,
    begins: local(9, 12, 10, 0),
    ends: local(9, 17, 0, 0),
  },
  // "after 19h14m47s"
  {
    cli: 'gemini',
    fixture: '0.56-quota.jsonl',
    exit: 1,
    ends: fixtureNow + (19 * 60 + 14) * 60_000 + 47_000,
  },
  // retry-after: 120
  { cli: 'opencode', fixture: '1.18-rate-limit.jsonl', exit: 1, ends: fixtureNow + 120_000 },
];

it.each(limits)(
  'a limit of $cli pauses it until the time that it names, and costs no attempt',
  async (limit) => {
    const { cli, fixture, exit, begins = fixtureNow, ends } = limit;
    const under = await pipeline({ begins, runner: { workers: 1 } });
    under.behave({ FIXTURE: `${cli}/${fixture}`, EXIT: exit });
    const [first, second] = [await under.queue(cli), await under.queue(cli)];
    const limited = await under.attempted(first);
    expect(limited).toMatchObject({ status: 'pending', error_class: 'rate_limited', attempts_spent: 0 });
    const [hold] = await under.holds();
    expect(hold).toMatchObject({ executor: cli, state: 'paused' });
    const until = Date.parse(hold?.until ?? '');
    // A span is from when it was read.
    expect(until).toBeGreaterThanOrEqual(ends);
    expect(until).toBeLessThan(ends + 60_000);

    under.behave({ FIXTURE: goodRuns[cli] });
    under.sleepThrough((ends - begins) / 1000 - 100);
    await pausedClaims(under, 3);
    expect((await under.find(second)).attempts).toEqual([]);
    under.sleepThrough(100 + 60);
    expect(await under.attempted(first, 2)).toMatchObject({ status: 'completed', attempts_spent: 1 });
    expect(await under.attempted(second)).toMatchObject({ status: 'completed', attempts_spent: 1 });
    expect(await under.holds()).toEqual([]);
    expect(await under.summary()).toMatchObject({
      success_rate: { completed: 2, failed: 0, rate: 1 },
      excluded: { provider: 1, set_up: 0, ours: 0 },
    });
  },
);

/** On which ten minutes pass in 0.6 seconds. */
const fast = () => performance.now() * 1000;

it('an agent that is not logged in gets no more tasks until it is, and says what to do', async () => {
  const under = await pipeline({ runner: { workers: 1 }, monotonic: fast });
  under.behave({ FIXTURE: 'claude-code/2.1-not-logged-in.jsonl' });
  const [first, second] = [await under.queue('claude-code'), await under.queue('claude-code')];
  expect(await under.attempted(first)).toMatchObject({
    status: 'pending',
    error_class: 'auth',
    attempts_spent: 0,
  });
  expect(await under.holds()).toMatchObject([{ executor: 'claude-code', state: 'closed', runner: 'r1' }]);
  // The program is there, and its probe fails all the same: that it is there is not what was wrong.
  const staysClosed = () => under.said.filter((line) => line.includes('stays closed: No login of'));
  await eventually(() => expect(staysClosed().length).toBeGreaterThan(2));
  expect((await under.find(second)).attempts).toEqual([]);

  mkdirSync(join(under.service.folder, '.claude'));
  writeFileSync(join(under.service.folder, '.claude', '.credentials.json'), '{}');
  under.behave({ FIXTURE: goodRuns['claude-code'] });
  expect(await under.attempted(first, 2)).toMatchObject({ status: 'completed', attempts_spent: 1 });
  expect(await under.attempted(second)).toMatchObject({ status: 'completed' });
  expect(await under.holds()).toEqual([]);
  expect(await under.summary()).toMatchObject({ success_rate: { rate: 1 }, excluded: { set_up: 1 } });
});

it('the others of the runner go on meanwhile', async () => {
  const under = await pipeline();
  const bad = await under.queue('claude-code', { FIXTURE: 'claude-code/2.1-not-logged-in.jsonl' });
  await under.attempted(bad);
  const good = await under.queue('codex', { FIXTURE: goodRuns.codex });
  expect(await under.attempted(good)).toMatchObject({ status: 'completed' });
  expect((await under.find(bad)).attempts).toHaveLength(1);
});

/** Waits until the runner has asked so many times more and was told that what there is is paused. */
async function pausedClaims({ runner }: Pipeline, more: number): Promise<void> {
  const count = async () => {
    const text = await (await fetch(runner.metricsUrl)).text();
    return Number(/agent_runner_claims_total\{result="paused"\} (\d+)/.exec(text)?.[1]);
  };
  const before = await count();
  await eventually(async () => expect(await count()).toBeGreaterThanOrEqual(before + more));
}
