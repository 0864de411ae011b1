import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config.ts';
import { readSavedResult } from '../../src/exec/saved-result.ts';
import { createExecutors } from '../../src/executors/registry.ts';
import { fixtures } from './exec-under-test.ts';

const executors = createExecutors(parseConfig({}).executors);

const saved = readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.(jsonl|json|out)$|^aider\/.*\.txt$/.test(name),
);
/** No final event, and no error of the CLI's own: nothing tells whose these are. */
const untold = [
  'aider/0.86-command.txt',
  'claude-code/2.1-sigterm.jsonl',
  'claude-code/2.1-turns.jsonl',
  'codex/0.142-cut-off.jsonl',
];

test.each(saved.filter((name) => !untold.includes(name)))('%s is recognised', (name) => {
  const content = readFileSync(join(fixtures, name));
  const result = readSavedResult(content, { executors, exitCode: 0 });
  expect(result.executor).toBe(name.split('/')[0]);
  expect(readSavedResult(content, { executors, exitCode: 0 }).task_id).toBe(result.task_id);
});

test.each(untold)('%s is of nobody, unless somebody says', (name) => {
  const content = readFileSync(join(fixtures, name));
  expect(() => readSavedResult(content, { executors, exitCode: 0 })).toThrow('no result of a CLI');
  const executor = name.split('/')[0];
  const { interpretation } = readSavedResult(content, { executors, executor, exitCode: 0 });
  expect(interpretation).toMatchObject({ status: 'failed' });
});
