import { describe, expect, test } from 'vitest';
import { labelBounds } from '../../src/domain/labels.ts';
import { groupsOf } from '../../src/domain/outcome-group.ts';
import type { Store } from '../../src/domain/store.ts';
import { sampleMetric, sampleTask } from './samples.ts';
import { stores } from './stores.ts';

const hold = 2.5;

async function exported(store: Store, counter: string, labels: Record<string, string> = {}): Promise<number> {
  const series = await store.counters.export(hold);
  return series
    .filter((one) => one.counter === counter)
    .filter((one) => Object.entries(labels).every(([name, value]) => one.labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

describe.each(stores)('$name: counters', ({ open }) => {
  test('a series is served at 0 until the hold after its first answer is over, then as a whole', async () => {
    const { store, pass } = open();
    await store.outcomes.record([sampleMetric({ task_id: 'a' }), sampleMetric({ task_id: 'b' })]);
    pass(600);
    expect(await exported(store, 'tasks_finished', { status: 'completed' })).toBe(0);
    pass(2);
    expect(await exported(store, 'tasks_finished', { status: 'completed' })).toBe(0);
    await store.outcomes.record([sampleMetric({ task_id: 'c' })]);
    pass(1);
    expect(await exported(store, 'tasks_finished', { status: 'completed' })).toBe(3);
    await store.outcomes.record([sampleMetric({ task_id: 'd' })]);
    expect(await exported(store, 'tasks_finished', { status: 'completed' })).toBe(4);
  });

  test('the hold is kept in the store, and a time in which nobody could scrape is no part of it', async () => {
    const under = open();
    await under.store.outcomes.record([sampleMetric()]);
    await under.store.counters.export(hold);
    await under.store.beat();
    under.pass(3600);
    const store = await under.reopen();
    await store.resume();
    expect(await exported(store, 'tasks_finished')).toBe(0);
    under.pass(hold);
    expect(await exported(store, 'tasks_finished')).toBe(1);
  });

  test('a verdict is counted when it is given, and again when it is changed, not when it is repeated', async () => {
    const { store, pass } = open();
    await store.outcomes.record([sampleMetric({ task_id: 'v1' })]);
    for (const verdict of ['accepted', 'accepted', 'reverted'] as const) {
      await store.tasks.setVerdict('v1', verdict);
    }
    await store.counters.export(hold);
    pass(hold);
    const labels = { project: 'shop', task_type: 'impl' };
    expect(await exported(store, 'verdicts', { ...labels, verdict: 'accepted' })).toBe(1);
    expect(await exported(store, 'verdicts', { ...labels, verdict: 'reverted' })).toBe(1);
  });

  test('a claimed task’s series exist at 0 before it ends, for both ways to end', async () => {
    const { store } = open();
    await store.tasks.create(sampleTask());
    await store.tasks.claim({ runner: 'r1', executors: ['shell'], free_workers: 1 }, 60);
    const series = await store.counters.export(hold);
    expect(series.map(({ labels, value }) => [labels.status, labels.task_type, value])).toEqual([
      ['completed', 'impl', 0],
      ['failed', 'impl', 0],
    ]);
  });

  test('what is recorded again is not counted again', async () => {
    const { store, pass } = open();
    const answers = await store.outcomes.record([sampleMetric(), sampleMetric()]);
    expect(answers.map(({ result }) => result)).toEqual(['recorded', 'duplicate']);
    await store.counters.export(hold);
    pass(3);
    expect(await exported(store, 'tasks_finished')).toBe(1);
  });

  test('tokens, money and its absence are counted apart, and unknown is never 0', async () => {
    const { store, pass } = open();
    const usage = { input_uncached: 7, cache_read: 100, cache_write: 10, output: 3 };
    await store.outcomes.record([
      sampleMetric({ task_id: 'priced', usage, cost_usd: 0.25, billing: 'metered' }),
      sampleMetric({ task_id: 'unpriced', usage }),
      sampleMetric({ task_id: 'shell', executor: 'shell' }),
    ]);
    await store.counters.export(hold);
    pass(3);
    expect(await exported(store, 'tokens', { token_type: 'cache_read' })).toBe(200);
    expect(await exported(store, 'cost_usd', { billing: 'metered' })).toBe(0.25);
    expect(await exported(store, 'unpriced_attempts')).toBe(1);
    const series = await store.counters.export(hold);
    expect(series.some(({ counter, labels }) => counter === 'cost_usd' && labels.executor === 'shell')).toBe(
      false,
    );
  });

  test('failures that are not the attempt’s are in no success rate', async () => {
    const { store, pass } = open();
    await store.outcomes.record([
      sampleMetric({ task_id: 'a', status: 'failed', error_class: 'auth' }),
      sampleMetric({ task_id: 'b', status: 'failed', error_class: 'timeout', final: false }),
      sampleMetric({ task_id: 'c', status: 'failed', error_class: 'timeout' }),
    ]);
    await store.counters.export(hold);
    pass(3);
    expect(await exported(store, 'tasks_finished')).toBe(1);
    expect(await exported(store, 'attempts_failed', { error_class: 'timeout' })).toBe(2);
    expect(await exported(store, 'attempts_failed', { error_class: 'auth' })).toBe(1);
  });

  test('records over a day old are kept and not counted', async () => {
    const { store, now, pass } = open();
    const created_at = new Date(now() - 25 * 3600_000).toISOString();
    await store.outcomes.record([sampleMetric({ created_at })]);
    await store.counters.export(hold);
    pass(3);
    expect(await exported(store, 'tasks_finished')).toBe(0);
    expect(groupsOf(await store.outcomes.summarize({ from: 0, to: now() }))).toHaveLength(1);
  });

  test('a label over its bound becomes "other", and that is counted', async () => {
    const { store, pass } = open();
    const over = labelBounds.variant + 3;
    const metrics = Array.from({ length: over }, (_, i) =>
      sampleMetric({ task_id: `t${i}`, prompt_variant: `v${i}` }),
    );
    const answers = await store.outcomes.record(metrics);
    expect(answers.filter(({ labels }) => labels.variant === 'other')).toHaveLength(3);
    await store.counters.export(hold);
    pass(3);
    expect(await exported(store, 'tasks_finished')).toBe(over);
    expect(await exported(store, 'tasks_finished', { variant: 'other' })).toBe(3);
    expect(await exported(store, 'label_overflow', { label: 'variant' })).toBe(3);
  });
});
