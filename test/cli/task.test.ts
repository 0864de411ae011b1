import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { serviceUnderTest, temporaryFolder } from '../service-under-test.ts';

const main = join(import.meta.dirname, '../../src/main.ts');

test('the repository of a task is the one of the folder in which it was queued', async () => {
  const service = await serviceUnderTest();
  const cwd = realpathSync(temporaryFolder());
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, 'task', 'Do it', '--repo', './shop', '--data', service.folder],
    { cwd, env: { ...process.env, ANDON_PORT: new URL(service.url).port } },
  );
  const [id] = stdout.split(' ');
  expect((await service.get(`/api/agent/tasks/${id}`)).body).toMatchObject({ repo: join(cwd, 'shop') });
});
