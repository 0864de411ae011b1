import { expect, it } from 'vitest';
import { outcomeReport } from '../domain/outcome.ts';
import { describeReport } from './run-report.ts';

const usage = { input_uncached: 1, cache_read: 0, cache_write: 0, output: 1 };

it.each([
  ['$0.1443', { cost_usd: 0.1443, cost_source: 'reported' }],
  ['$0.1443 (notional)', { cost_usd: 0.1443, cost_source: 'reported', billing: 'subscription' }],
  ['under $0.0001', { cost_usd: 0.00004, cost_source: 'reported' }],
  ['no cost told', { usage, usage_state: 'terminal', cost_source: 'unpriced' }],
  ['unpriced (no usage told)', { usage_state: 'none', cost_source: 'unpriced' }],
  ['nothing used', { usage_state: 'none', cost_source: 'none' }],
])('a line about a run says %s', (words, members) => {
  const report = outcomeReport.parse({
    ...{ task_id: 't', task_type: 'impl', executor: 'codex', model: 'm', duration_seconds: 61.5 },
    status: 'completed',
    ...members,
  });
  expect(describeReport(report)).toBe(`t: codex m, completed, 61.5 s, ${words}`);
});
