import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../../test/service-under-test.ts';
import { environment, loadConfig } from '../config.ts';
import { readTags } from '../exec/run-tags.ts';
import { isBeyondRefusal } from './exec-checks.ts';
import { type ReportingOptions, tagsOf } from './reporting-options.ts';

const plain: ReportingOptions = { attempt: 1, taskType: 'impl' };

/** What `andon exec` reads before or after the command is started. */
function readAll(options: ReportingOptions, env: NodeJS.ProcessEnv): void {
  loadConfig({ env, overrides: { 'runner.service_url': options.service } });
  readTags({ ...tagsOf(options), task_id: options.taskId ?? 't', project: options.project ?? 'p' });
}

it('lets a plain command line start at once', () => {
  const env = { ANDON_SERVICE_URL: 'https://andon.example:8000', ANDON_TOKEN: 'abc', HOME: '/h' };
  expect(isBeyondRefusal(plain, env)).toBe(true);
  const tags = {
    promptVariant: 'terse',
    project: 'shop',
    model: 'openai/gpt-5',
    service: 'http://[::1]:8000',
  };
  expect(isBeyondRefusal({ ...plain, ...tags }, {})).toBe(true);
});

it.each(Object.keys(environment))('of %s nothing that is refused gets by', (name) => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('http:', 'http://', 'x', '-1', 'http://a b')),
      (value) => {
        const env = { [name]: value };
        if (isBeyondRefusal(plain, env)) expect(() => readAll(plain, env)).not.toThrow();
      },
    ),
  );
});

it('lets nothing by that readTags or the settings would refuse', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9./:@-]{0,140}$/));
  const options = fc.record(
    {
      attempt: fc.oneof(fc.integer(), fc.double()),
      taskType: text,
      taskId: text,
      project: text,
      model: text,
      variant: text,
      service: fc.oneof(text, fc.webUrl()),
    },
    { requiredKeys: ['attempt', 'taskType'] },
  );
  fc.assert(
    fc.property(options, (some) => {
      if (isBeyondRefusal(some, {})) expect(() => readAll(some, {})).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

it('reads the settings first where there is a file of them', () => {
  expect(isBeyondRefusal({ ...plain, config: 'mine.yaml' }, {})).toBe(false);
  expect(isBeyondRefusal(plain, { ANDON_CONFIG: 'mine.yaml' })).toBe(false);
  const folder = temporaryFolder();
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  expect(isBeyondRefusal(plain, {})).toBe(true);
  writeFileSync(join(folder, 'andon.yaml'), '');
  expect(isBeyondRefusal(plain, {})).toBe(false);
});
