import { describe, expect, test } from 'vitest';
import type { TaskMetric } from '../../src/domain/outcome.ts';
import { groupsOf } from '../../src/domain/outcome-group.ts';
import { encodeCursor } from '../../src/domain/page.ts';
import { sampleMetric } from './samples.ts';
import { stores } from './stores.ts';

describe.each(stores)('$name: outcomes', ({ open }) => {
  test('a window holds its beginning and not its end', async () => {
    const { store } = open();
    const at = (time: string) => sampleMetric({ task_id: time, created_at: time });
    await store.outcomes.record([
      at('2026-03-01T00:00:00Z'),
      at('2026-03-01T12:00:00Z'),
      at('2026-03-02T00:00:00Z'),
    ]);
    const [group] = groupsOf(
      await store.outcomes.summarize({
        from: Date.parse('2026-03-01T00:00:00Z'),
        to: Date.parse('2026-03-02T00:00:00Z'),
      }),
    );
    expect(group?.count).toBe(2);
  });

  test('filters are by every label, and groups keep the caller’s tags', async () => {
    const { store, now } = open();
    await store.outcomes.record([
      sampleMetric({ task_id: 'a', prompt_variant: 'terse' }),
      sampleMetric({ task_id: 'b', prompt_variant: 'terse', skill_version: 'v2' }),
      sampleMetric({ task_id: 'c', project: 'blog', model: 'haiku', executor: 'codex', task_type: 'test' }),
    ]);
    const all = { from: 0, to: now() + 1 };
    const count = async (filter: object) =>
      groupsOf(await store.outcomes.summarize({ ...all, ...filter })).reduce(
        (sum, group) => sum + group.count,
        0,
      );
    expect(await count({})).toBe(3);
    expect(await count({ project: 'blog' })).toBe(1);
    expect(await count({ model: 'opus' })).toBe(2);
    expect(await count({ executor: 'codex' })).toBe(1);
    expect(await count({ task_type: 'test' })).toBe(1);
    expect(await count({ variant: 'prompt:terse,skill:v2' })).toBe(1);
    expect(await count({ variant: 'none' })).toBe(1);
  });

  test('one bad row of many stores none of them', async () => {
    const { store, now } = open();
    const broken = { ...sampleMetric({ task_id: 'b' }), duration_seconds: Number.NaN };
    await expect(store.outcomes.record([sampleMetric({ task_id: 'a' }), broken])).rejects.toThrow();
    expect(groupsOf(await store.outcomes.summarize({ from: 0, to: now() + 1 }))).toEqual([]);
  });
});

describe.each(stores)('$name: pricing again', ({ open }) => {
  const usage = { input_uncached: 7, cache_read: 100, cache_write: 10, output: 3 };
  const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const priced = (metric: TaskMetric, cost_usd: number): TaskMetric => ({
    ...metric,
    cost_usd,
    cost_source: 'computed',
    priced_by: ['genai_prices'],
  });

  test('what a table may know better is listed in pages: not what was reported, or has no usage', async () => {
    const { store } = open();
    await store.outcomes.record([
      sampleMetric({ task_id: 'reported', usage, cost_usd: 1 }),
      sampleMetric({ task_id: 'unpriced', usage }),
      sampleMetric({ task_id: 'without-usage' }),
      sampleMetric({ task_id: 'shell', executor: 'shell', usage }),
      priced(sampleMetric({ task_id: 'computed', usage }), 2),
      sampleMetric({ task_id: 'computed-elsewhere', usage, cost_usd: 3, cost_source: 'computed' }),
      sampleMetric({ task_id: 'old', usage, created_at: '2026-03-02T08:59:59.999Z' }),
    ]);
    const since = Date.parse('2026-03-02T09:00:00Z');
    const { items, next_cursor } = await store.outcomes.listForPricing({ since, limit: 10 });
    expect(items.map(({ metric }) => metric.task_id)).toEqual(['unpriced', 'computed']);
    expect(items[1]?.metric).toMatchObject({ usage, cost_usd: 2, priced_by: ['genai_prices'] });
    expect(next_cursor).toBeNull();
  });

  test('pages are by when the outcomes ended, without gap or repetition, also while they are priced', async () => {
    const { store } = open();
    const at = (minute: number) => `2026-03-02T08:${String(minute).padStart(2, '0')}:00Z`;
    // Two end at each time, and they came in the wrong order.
    const minutes = [9, 3, 7, 1, 5, 9, 3, 7, 1, 5];
    await store.outcomes.record(
      minutes.map((minute, i) => sampleMetric({ task_id: `t${i}`, usage, created_at: at(minute) })),
    );
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.outcomes.listForPricing({ since: Date.parse(at(3)), limit: 3, cursor });
      seen.push(...page.items.map(({ metric }) => metric.task_id));
      await store.outcomes.reprice(page.items.map(({ seq, metric }) => ({ seq, metric: priced(metric, 1) })));
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(['t1', 't6', 't4', 't9', 't2', 't7', 't0', 't5']);
    for (const wrong of ['nonsense', encodeCursor({ at: 0, id: 'a-task' })]) {
      const asked = store.outcomes.listForPricing({ since: 0, limit: 3, cursor: wrong });
      await expect(asked).rejects.toMatchObject({ code: 'invalid' });
    }
  });

  test('reports show the new costs, and no exported counter moves', async () => {
    const { store, pass } = open();
    await store.outcomes.record([
      priced(sampleMetric({ task_id: 'a', usage, billing: 'metered' }), 2),
      sampleMetric({ task_id: 'b', usage, billing: 'metered' }),
      sampleMetric({ task_id: 'c', usage, cost_usd: 100, billing: 'metered' }),
    ]);
    await store.counters.export(1);
    pass(2);
    const before = await store.counters.export(1);
    const { items } = await store.outcomes.listForPricing({ since: 0, limit: 10 });
    await store.outcomes.reprice(items.map(({ seq, metric }) => ({ seq, metric: priced(metric, 0.5) })));
    expect(await store.counters.export(1)).toEqual(before);
    const groups = groupsOf(await store.outcomes.summarize(all));
    const costs = groups.map(({ cost_source, cost_usd, count }) => [cost_source, cost_usd, count]);
    expect(costs.toSorted()).toEqual([
      ['computed', 1, 2],
      ['reported', 100, 1],
    ]);
    await store.outcomes.record([sampleMetric({ task_id: 'd', usage, cost_usd: 1, billing: 'metered' })]);
    const spent = (await store.counters.export(1)).filter(({ counter }) => counter === 'cost_usd');
    expect(spent.map(({ value }) => value)).toEqual([103]);
  });

  test('a cost that no table knows any more is taken back, and a reported one is never touched', async () => {
    const { store } = open();
    await store.outcomes.record([priced(sampleMetric({ task_id: 'a', usage }), 2)]);
    const [listed] = (await store.outcomes.listForPricing({ since: 0, limit: 10 })).items;
    if (!listed) throw new Error('nothing to price');
    const { cost_usd: _, priced_by: __, ...rest } = listed.metric;
    await store.outcomes.reprice([{ seq: listed.seq, metric: { ...rest, cost_source: 'unpriced' } }]);
    expect(groupsOf(await store.outcomes.summarize(all))).toMatchObject([
      { cost_source: 'unpriced', cost_usd: 0 },
    ]);
    await store.outcomes.reprice([
      { seq: listed.seq, metric: { ...rest, cost_usd: 4, cost_source: 'reported' } },
    ]);
    await store.outcomes.reprice([{ seq: listed.seq, metric: priced(rest, 9) }]);
    expect(groupsOf(await store.outcomes.summarize(all))).toMatchObject([
      { cost_source: 'reported', cost_usd: 4 },
    ]);
  });
});
