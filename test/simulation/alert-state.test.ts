import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { AlertState } from '../../src/simulation/evaluation/alert-state.ts';
import { seededRandom } from '../../src/simulation/random.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';

const minutes = 240;
const rules = [0, 1, 5, 12].flatMap((hold) =>
  [0, 1, 4, 10].map((keep) => ({ alert: `For${hold}Keep${keep}`, hold, keep })),
);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-alert-state-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An expression that holds and lapses for runs of a few minutes. */
function onAndOff(seed: string): boolean[] {
  const random = seededRandom(seed);
  const values: boolean[] = [];
  for (let on = false; values.length < minutes; on = !on) {
    values.push(...Array.from({ length: random.pick([1, 1, 2, 4, 6, 11, 14]) }, () => on));
  }
  return values.slice(0, minutes);
}

/** What promtool is to find, by our own account. */
function expectations(values: readonly boolean[]) {
  const states = rules.map(({ hold, keep }) => new AlertState({ for: hold * 60, keepFiringFor: keep * 60 }));
  return values.flatMap((value, minute) =>
    rules.map(({ alert }, index) => ({
      eval_time: `${minute}m`,
      alertname: alert,
      exp_alerts: states[index]?.evaluate(minute * 60, value) ? [{ exp_labels: { a: 'b' } }] : [],
    })),
  );
}

test.each(['1', '2'])('an alert holds and fires on as in Prometheus, seed %s', async (seed) => {
  const { tool } = neededServer('prometheus');
  const values = onAndOff(seed);
  const ruleFile = join(folder, 'rules.yml');
  const group = {
    name: 'states',
    rules: rules.map(({ alert, hold, keep }) => ({
      alert,
      expr: 'x == 1',
      for: `${hold}m`,
      keep_firing_for: `${keep}m`,
    })),
  };
  await writeFile(ruleFile, stringify({ groups: [group] }));
  const testFile = join(folder, 'test.yml');
  await writeFile(
    testFile,
    stringify({
      rule_files: [ruleFile],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: [{ series: 'x{a="b"}', values: values.map(Number).join(' ') }],
          alert_rule_test: expectations(values),
        },
      ],
    }),
  );
  const { code, output } = await runProgram(tool, ['test', 'rules', testFile]);
  expect(code, output).toBe(0);
});
