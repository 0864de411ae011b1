import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { recordingGroups, recordingRules } from '../../src/monitoring/recording-rules.ts';
import { recordingRuleFile } from '../../src/monitoring/rule-file.ts';
import { inlineRecords } from '../../src/simulation/evaluation/inline-records.ts';
import { seededRandom } from '../../src/simulation/random.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';

const hours = 60;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-inline-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A counter that rises now and then, as promtool takes it: a sample every half hour. */
function counter(seed: string): string {
  const random = seededRandom(seed);
  let value = 0;
  const values = Array.from({ length: 2 * hours + 1 }, () => {
    value += random.chance(0.4) ? random.integer(1, 5) : 0;
    return value;
  });
  return values.join(' ');
}

const labels =
  'job="andon", instance="a", project="shop", task_type="impl", model="m", executor="codex", variant="none"';
const input_series = [
  ...['completed', 'failed'].map((status) => `agent_tasks_finished_total{${labels}, status="${status}"}`),
  ...['metered', 'subscription'].map(
    (billing) => `agent_task_cost_usd_total{${labels}, billing="${billing}"}`,
  ),
  ...['output', 'cache_read'].map((type) => `agent_task_tokens_total{${labels}, token_type="${type}"}`),
  `agent_task_unpriced_attempts_total{${labels}}`,
  'agent_attempts_failed_total{job="andon", instance="a", project="shop", task_type="impl", executor="codex", error_class="timeout"}',
].map((series) => ({ series, values: counter(series) }));

/** How rules read what is recorded, written as it is and written out. */
const readings = [
  ...recordingRules
    .map(({ record }) => record)
    .filter((record) => !record.includes('duration') && !record.startsWith('job'))
    // No rule reads quarters of an hour; samples are further apart here.
    .filter((record) => !record.endsWith('15m')),
  'project_task_type_status:agent_tasks_finished:increase1h{status="completed"}',
  'project_task_type_status:agent_tasks_finished:increase1h{status!~"completed|cancelled"}',
  'sum_over_time(project:agent_task_cost_usd:paid1h[6h:1h])',
  'sum_over_time(project:agent_task_cost_usd:paid1h[6h:1h] offset 1d)',
  'project_task_type:agent_task_cost_usd:paid_per_completed3d offset 2h',
];

test('what is written out gives what was recorded', async () => {
  const { tool } = neededServer('prometheus');
  const ruleFile = join(folder, 'rules.yml');
  await writeFile(ruleFile, recordingRuleFile());
  const testFile = join(folder, 'test.yml');
  const eval_time = `${hours}h`;
  const promql_expr_test = readings.flatMap((reading) => {
    const inlined = inlineRecords(reading, recordingRules);
    expect(inlined).not.toContain(':agent');
    const same = `(abs(${reading} - (${inlined})) > 1e-9) or (${reading} unless ${inlined}) or ((${inlined}) unless ${reading})`;
    return [
      { expr: same, eval_time, exp_samples: [] },
      { expr: `count(${reading}) > bool 0`, eval_time, exp_samples: [{ labels: '{}', value: 1 }] },
    ];
  });
  await writeFile(
    testFile,
    stringify({
      rule_files: [ruleFile],
      group_eval_order: recordingGroups.map(({ name }) => `${name}-1`),
      evaluation_interval: '1h',
      tests: [{ interval: '30m', input_series, promql_expr_test }],
    }),
  );
  const { code, output } = await runProgram(tool, ['test', 'rules', testFile]);
  expect(code, output).toBe(0);
});

test('a matcher that cannot be written out is refused', () => {
  const reading = 'project_task_type_status:agent_tasks_finished:increase1h{status=~"comp.*"}';
  expect(() => inlineRecords(reading, recordingRules)).toThrow(
    'cannot write out the matcher status=~"comp.*"',
  );
});
