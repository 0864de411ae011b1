import { describe, expect, test } from 'vitest';
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
    const [group] = await store.outcomes.summarize({
      from: Date.parse('2026-03-01T00:00:00Z'),
      to: Date.parse('2026-03-02T00:00:00Z'),
    });
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
      (await store.outcomes.summarize({ ...all, ...filter })).reduce((sum, group) => sum + group.count, 0);
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
    expect(await store.outcomes.summarize({ from: 0, to: now() + 1 })).toEqual([]);
  });
});
