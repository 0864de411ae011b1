import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countVerdicts, groupsOf } from '../../src/domain/outcome-group.ts';
import type { OutcomeFilter } from '../../src/domain/outcome-store.ts';
import type { Verdict } from '../../src/domain/verdict.ts';
import { expectOutcomes, type PlainRecord } from './plain-groups.ts';
import { finishStep, sampleMetric, sampleTask } from './samples.ts';
import { type StoreUnderTest, stores } from './stores.ts';

const hour = 3600_000;
const newest = Date.parse('2026-03-02T09:00:00Z');
const oldest = newest - 72 * hour;

/** On the boundary of an hour or a day, beside it, or anywhere. */
const time = fc.oneof(
  fc.integer({ min: oldest, max: newest }),
  fc
    .record({ hours: fc.nat(72), off: fc.constantFrom(0, 0, 1, -1) })
    .map(({ hours, off }) => Math.max(oldest, Math.floor(oldest / hour) * hour + hours * hour) + off),
);
const tokens = fc.oneof(fc.nat(5000), fc.nat(1e12));
const outcome = fc
  .record({
    at: time,
    task_id: fc.nat(30).map((n) => `run-${n}`),
    attempt: fc.integer({ min: 1, max: 2 }),
    project: fc.constantFrom('shop', 'blog'),
    model: fc.constantFrom('opus', 'haiku-20260101'),
    executor: fc.constantFrom('codex', 'shell'),
    skill_version: fc.constantFrom(undefined, 'v2'),
    final: fc.boolean(),
    error_class: fc.constantFrom(undefined, undefined, 'timeout' as const, 'auth' as const),
    duration_seconds: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 2_678_400, noNaN: true })),
    billing: fc.constantFrom('metered' as const, 'subscription' as const),
    usage: fc.option(
      fc.record({
        input_uncached: tokens,
        cache_read: tokens,
        cache_write: tokens,
        output: tokens,
        api_calls: tokens,
      }),
      { nil: undefined },
    ),
    cost_usd: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
  })
  .map(({ at, ...rest }) =>
    sampleMetric({
      ...rest,
      created_at: new Date(at).toISOString(),
      status: rest.error_class ? 'failed' : 'completed',
    }),
  );

type Deed = (under: StoreUnderTest, records: PlainRecord[]) => Promise<void>;

const record = fc.array(outcome, { minLength: 1, maxLength: 12 }).map(
  (metrics): Deed =>
    async ({ store }, records) => {
      const results = await store.outcomes.record(metrics);
      records.push(...metrics.filter((_, i) => results[i]?.result === 'recorded'));
    },
);

const judge = fc
  .record({ n: fc.nat(30), verdict: fc.constantFrom<Verdict[]>('accepted', 'rejected', 'reverted') })
  .map(
    ({ n, verdict }): Deed =>
      async ({ store }, records) => {
        const ofRun = records.filter(({ task_id }) => task_id === `run-${n}`);
        const last = ofRun.sort((a, b) => b.attempt - a.attempt)[0];
        if (last?.status !== 'completed' || !last.final) return;
        await store.tasks.setVerdict(`run-${n}`, verdict);
        last.verdict = verdict;
      },
  );

const reprice = fc.record({ since: time, cost: fc.option(fc.double({ min: 0, max: 100, noNaN: true })) }).map(
  ({ since, cost }): Deed =>
    async ({ store }, records) => {
      const { items } = await store.outcomes.listForPricing({ since, limit: 10 });
      const changes = items.map(({ seq, metric: { cost_usd: _, ...metric } }) => {
        const priced = { cost_usd: cost ?? undefined, priced_by: ['genai_prices' as const] };
        return cost === null
          ? { seq, metric: { ...metric, cost_source: 'unpriced' as const } }
          : { seq, metric: { ...metric, ...priced, cost_source: 'computed' as const } };
      });
      await store.outcomes.reprice(changes);
      for (const { metric } of changes) {
        const known = records.find((one) => one.task_id === metric.task_id && one.attempt === metric.attempt);
        if (known) Object.assign(known, { cost_usd: cost ?? undefined, cost_source: metric.cost_source });
      }
    },
);

/** A task whose lease runs out, and which is heard of later. */
const lose = fc.integer({ min: 61, max: 4000 }).map(
  (seconds): Deed =>
    async (under, records) => {
      const { store, pass, now } = under;
      const task_id = `task-${now()}`;
      await store.tasks.create(sampleTask({ id: task_id, executor: 'codex' }));
      const claim = () => store.tasks.claim({ runner: 'r', executors: ['codex'], free_workers: 1 }, 60);
      const [claimed] = await claim();
      if (!claimed) throw new Error('nothing was claimed');
      pass(seconds);
      await store.tasks.expireLeases();
      await claim();
      const created_at = new Date(now()).toISOString();
      const usage = { input_uncached: 10, cache_read: 1, cache_write: 2, output: 5 };
      await store.tasks.finish(finishStep(claimed, { usage, cost_usd: 0.5, billing: 'metered' }));
      const [attempt] = await store.tasks.listAttempts(task_id);
      if (attempt?.error_class !== 'lost') throw new Error('the attempt is not lost');
      const { duration_seconds = Number.NaN, final } = attempt;
      const lost = { status: 'failed' as const, error_class: 'lost' as const, final, created_at, usage };
      const spent = { cost_usd: 0.5, billing: 'metered' as const, duration_seconds };
      records.push(sampleMetric({ task_id, executor: 'codex', model: 'default', ...lost, ...spent }));
    },
);

const filter = fc
  .record({
    bounds: fc.oneof(
      fc.tuple(time, time).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
      time.map((at) => ({ from: at, to: Number.MAX_SAFE_INTEGER })),
      time.map((at) => ({ from: at, to: at })),
      fc.constant({ from: 0, to: Number.MAX_SAFE_INTEGER }),
    ),
    labels: fc.oneof(
      fc.constant({}),
      fc.record(
        {
          project: fc.constantFrom('shop', 'blog', 'nobody'),
          task_type: fc.constantFrom('impl', 'test'),
          model: fc.constantFrom('opus', 'haiku'),
          executor: fc.constantFrom('codex', 'shell'),
          variant: fc.constantFrom('none', 'skill:v2'),
        },
        { requiredKeys: [] },
      ),
    ),
  })
  .map(({ bounds, labels }): OutcomeFilter => ({ ...bounds, ...labels }));

describe.each(stores)('$name: roll-ups', ({ open }) => {
  test('whatever was recorded, priced, judged or heard of late: a window is the sum of its records', async () => {
    const deed = fc.oneof({ arbitrary: record, weight: 4 }, judge, reprice);
    const steps = fc.array(fc.tuple(deed, filter), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.option(lose),
        fc.array(filter, { maxLength: 5 }),
        async (steps, late, last) => {
          const under = open();
          const records: PlainRecord[] = [];
          const check = async (wanted: OutcomeFilter) =>
            expectOutcomes(await under.store.outcomes.summarize(wanted), records, wanted);
          for (const [deed, wanted] of steps) {
            // Once before as well: what was kept of it must not be used again.
            await check(wanted);
            await deed(under, records);
            await check(wanted);
          }
          await late?.(under, records);
          for (const wanted of last) await check(wanted);
          await under.reopen();
          for (const wanted of last) await check(wanted);
        },
      ),
      // What is found is made of functions: it says no more when it is shrunk.
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('another process sees each change in its next answer', async () => {
    const under = open();
    const other = under.beside();
    const window = { from: oldest, to: newest + 1 };
    const usage = { input_uncached: 7, cache_read: 0, cache_write: 0, output: 1 };
    const records: PlainRecord[] = [];
    const at = (hours: number) => new Date(newest - hours * hour).toISOString();
    for (const hours of [0, 0.5, 5, 30, 71.99]) {
      const metric = sampleMetric({ task_id: `t${hours}`, usage, created_at: at(hours) });
      await under.store.outcomes.record([metric]);
      records.push(metric);
      expectOutcomes(await other.outcomes.summarize(window), records, window);
    }
    const [first] = (await other.outcomes.listForPricing({ since: 0, limit: 1 })).items;
    if (!first) throw new Error('nothing to price');
    const priced = { ...first.metric, cost_usd: 3, cost_source: 'computed' as const };
    await other.outcomes.reprice([{ seq: first.seq, metric: priced }]);
    records.splice(-1, 1, priced);
    expectOutcomes(await under.store.outcomes.summarize(window), records, window);
    await other.tasks.setVerdict('t5', 'accepted');
    expect(countVerdicts(groupsOf(await under.store.outcomes.summarize(window))).accepted).toBe(1);
  });

  test('what could not be stored is in no roll-up', async () => {
    const { store } = open();
    const window = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const kept = sampleMetric({ task_id: 'kept' });
    await store.outcomes.record([kept]);
    const broken = { ...sampleMetric({ task_id: 'broken' }), duration_seconds: Number.NaN };
    await expect(store.outcomes.record([sampleMetric({ task_id: 'good' }), broken])).rejects.toThrow();
    expectOutcomes(await store.outcomes.summarize(window), [kept], window);
  });

  test('windows that begin or end in the same hour have each what is in it', async () => {
    const { store } = open();
    const at = (time: string) => `2026-02-27T${time}Z`;
    const ends = [at('13:10:00'), at('13:30:00'), at('13:50:00'), at('16:00:00')];
    await store.outcomes.record(ends.map((created_at) => sampleMetric({ task_id: created_at, created_at })));
    for (const [from, to, count] of [
      ['13:40:00', '15:00:00', 1],
      ['13:45:00', '15:00:00', 1],
      ['13:20:00', '15:00:00', 2],
      ['13:10:00', '15:00:00', 3],
      ['12:00:00', '13:30:00', 1],
      ['12:00:00', '13:30:01', 2],
      ['13:30:00', '13:50:01', 2],
    ] as const) {
      const window = { from: Date.parse(at(from)), to: Date.parse(at(to)) };
      const groups = groupsOf(await store.outcomes.summarize(window));
      expect([from, to, groups[0]?.count]).toEqual([from, to, count]);
    }
  });

  test('what comes late counts in its own hour and day', async () => {
    const { store, now } = open();
    const at = (time: string) => Date.parse(`2026-02-27T${time}Z`);
    await store.outcomes.record([sampleMetric({ task_id: 'now' })]);
    await store.outcomes.summarize({ from: at('00:00:00'), to: now() + 1 });
    const late = sampleMetric({ task_id: 'late', created_at: '2026-02-27T13:30:00Z' });
    await store.outcomes.record([late]);
    for (const [from, to, count] of [
      ['13:00:00', '14:00:00', 1],
      ['13:30:00', '13:30:01', 1],
      ['00:00:00', '23:59:59', 1],
      ['12:00:00', '13:30:00', 0],
      ['14:00:00', '23:00:00', 0],
    ] as const) {
      const groups = await store.outcomes.summarize({ from: at(from), to: at(to) });
      expect([from, groups.length]).toEqual([from, count]);
    }
  });
});
