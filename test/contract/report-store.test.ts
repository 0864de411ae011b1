import { describe, expect, test } from 'vitest';
import { stores } from './stores.ts';

describe.each(stores)('$name: reports', ({ open }) => {
  test('the last that was sent is known after a restart, and never moves back', async () => {
    const under = open();
    expect(await under.store.reports.lastDue()).toBeUndefined();
    await under.store.reports.markSent(2000);
    await under.store.reports.markSent(1000);
    expect(await (await under.reopen()).reports.lastDue()).toBe(2000);
  });
});
