import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';

const main = join(import.meta.dirname, '../bench/main.ts');
const bench = (...args: string[]) => promisify(execFile)(process.execPath, [main, ...args]);

const report = z.object({
  command: z.string(),
  machine: z.object({ cores: z.number() }),
  tables: z.array(z.object({ title: z.string(), rows: z.array(z.record(z.string(), z.unknown())) })),
  goals: z.array(z.object({ what: z.string(), measured: z.number().positive() })),
});

test('without a name the benches are listed, and another name is refused', async () => {
  expect((await bench()).stdout).toMatch(/^ {2}runner +what the runner adds to a task/m);
  await expect(bench('rummer')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no bench rummer'),
  });
});

test('the runner’s bench measures each thing that it names', async () => {
  const { stdout } = await bench('runner', '--quick', '--json');
  const { command, tables, goals } = report.parse(JSON.parse(stdout));
  expect(command).toBe('npm run bench -- runner --quick');
  expect(tables.map(({ rows }) => rows.length)).toEqual([4, 1, 2]);
  expect(goals.map(({ what }) => what)).toEqual([
    'added to a task, 1 worker, median',
    'added to a task, 8 workers, median',
  ]);
}, 90_000);

test('the bench of metrics asks the service and its peer for the same figures', async () => {
  const { stdout } = await bench('metrics', '--quick', '--json');
  const { tables } = report.parse(JSON.parse(stdout));
  const [answers, batches] = tables.map(({ rows }) => rows);
  expect(answers?.map((row) => [row['label sets'], row.question])).toEqual([
    [60, '7 days'],
    [60, '7 days of a project'],
    [300, '7 days'],
    [300, '7 days of a project'],
  ]);
  expect(batches).toHaveLength(2);
}, 90_000);
