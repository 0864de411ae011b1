import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { AlertState } from '../../src/simulation/evaluation/alert-state.ts';
import { seededRandom } from '../../src/simulation/random.ts';
import { runProgram } from '../../src/stack/run-program.ts';
import { neededServer } from '../needed-server.ts';

/** What a series says in one minute: that it holds or not, that it is gone, or nothing, since a scrape was missed. */
type Sample = 'holds' | 'lapses' | 'gone' | 'missed';

const shown: Record<Sample, string> = { holds: '1', lapses: '0', gone: 'stale', missed: '_' };
const minutes = 240;
const rules = [0, 1, 5, 12].flatMap((hold) =>
  [0, 1, 4, 10].map((keep) => ({ alert: `For${hold}Keep${keep}`, hold, keep })),
);
/** One minute below, at and above each `for` and each `keep_firing_for`, and flapping. */
const edges = [1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-alert-state-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function repeat(sample: Sample, times: number): Sample[] {
  return Array.from({ length: times }, () => sample);
}

/** Runs of minutes in which it holds, between others; `between` says of what kind these are. */
function runs(lengths: readonly [number, number][], between: Sample): Sample[] {
  const samples = lengths.flatMap(([on, off]) => [...repeat('holds', on), ...repeat(between, off)]);
  return [...samples, ...repeat('lapses', minutes)].slice(0, minutes);
}

/** It holds and lapses at random, is gone at times, and a scrape is missed now and then. */
function atRandom(seed: string): Sample[] {
  const random = seededRandom(seed);
  const samples: Sample[] = ['lapses'];
  while (samples.length < minutes) {
    const sample = random.pick(['holds', 'holds', 'lapses', 'gone'] as const);
    for (const each of repeat(sample, random.pick([1, 1, 2, 4, 6, 11, 14]))) {
      // Of what is gone every sample says so; a missed one would be looked for in the past.
      const missed = sample !== 'gone' && samples.at(-1) === sample && random.chance(0.1);
      samples.push(missed ? 'missed' : each);
    }
  }
  return samples.slice(0, minutes);
}

const series: Record<string, Sample[]> = {
  holding_long_enough: runs(
    edges.map((on) => [on, 8]),
    'lapses',
  ),
  lapsing_for_short: runs(
    edges.map((off) => [6, off]),
    'lapses',
  ),
  gone_for_short: runs(
    edges.map((off) => [13, off]),
    'gone',
  ),
  flapping: runs(
    Array.from({ length: 40 }, (): [number, number] => [1, 1]),
    'lapses',
  ),
  at_random_1: atRandom('1'),
  at_random_2: atRandom('2'),
};

/** What Prometheus sees of it: the last sample, where one was missed. */
function seen(samples: readonly Sample[]): boolean[] {
  let last: Sample = 'lapses';
  return samples.map((sample) => {
    if (sample !== 'missed') last = sample;
    return last === 'holds';
  });
}

/** What promtool is to find in each minute, by our own account. */
function expectations() {
  return rules.flatMap(({ alert, hold, keep }) => {
    const firing = Object.entries(series).map(([name, samples]) => {
      const state = new AlertState({ for: hold * 60, keepFiringFor: keep * 60 });
      return { name, fires: seen(samples).map((holds, minute) => state.evaluate(minute * 60, holds)) };
    });
    return Array.from({ length: minutes }, (_, minute) => ({
      eval_time: `${minute}m`,
      alertname: alert,
      exp_alerts: firing
        .filter(({ fires }) => fires[minute])
        .map(({ name }) => ({ exp_labels: { series: name } })),
    }));
  });
}

test('an alert holds and fires on in every minute as in Prometheus', async () => {
  const { tool } = neededServer('prometheus');
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
  const expected = expectations();
  expect(expected.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true);
  const testFile = join(folder, 'test.yml');
  const input_series = Object.entries(series).map(([name, samples]) => ({
    series: `x{series="${name}"}`,
    values: samples.map((sample) => shown[sample]).join(' '),
  }));
  const tests = [{ interval: '1m', input_series, alert_rule_test: expected }];
  await writeFile(testFile, stringify({ rule_files: [ruleFile], evaluation_interval: '1m', tests }));
  const { code, output } = await runProgram(tool, ['test', 'rules', testFile]);
  expect(code, output.slice(0, 4000)).toBe(0);
});
