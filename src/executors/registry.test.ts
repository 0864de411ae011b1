import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shellTask } from '../../test/executors/service-stand-in.ts';
import { createExecutors, findExecutors } from './registry.ts';
import { shell } from './shell.ts';

const executors = createExecutors({
  'claude-code': { command: 'claude-for-a-test', args: [], billing: 'unknown' },
});

async function folderWith(mode: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-'));
  const path = join(folder, 'claude-for-a-test');
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, mode);
  return folder;
}

it('finds the executors whose program is there', async () => {
  const env = { PATH: `/nowhere:${await folderWith(0o755)}` };
  const { usable, missing } = await findExecutors(executors, { env });
  expect(usable.map(({ name }) => name)).toEqual(['claude-code', 'shell']);
  expect(missing).toEqual([]);
});

it('says what to do about one that is not', async () => {
  const env = { PATH: await folderWith(0o644) };
  const { usable, missing } = await findExecutors(executors, { env });
  expect(usable.map(({ name }) => name)).toEqual(['shell']);
  expect(missing).toEqual([{ name: 'claude-code', advice: expect.stringContaining('Install Claude Code') }]);
});

it('takes only what is wanted, and refuses what does not exist', async () => {
  const { usable } = await findExecutors(executors, { env: {}, wanted: ['shell'] });
  expect(usable).toEqual([shell]);
  await expect(findExecutors(executors, { env: {}, wanted: ['codex'] })).rejects.toThrow(
    'there is no executor codex; there are claude-code, shell',
  );
});

it('gives a shell task its direction as a variable that any system takes', () => {
  const { env, args } = shell.command(shellTask('true', { direction: `a\0b${'€'.repeat(100_000)}` }));
  const value = env?.ANDON_DIRECTION ?? '';
  expect(args).toEqual(['-c', 'true']);
  expect(value.startsWith('ab€')).toBe(true);
  expect(value).not.toContain('\ufffd');
  expect(Buffer.byteLength(value)).toBeLessThan(128 * 1024);
});

it('refuses a shell task without a command', () => {
  expect(() => shell.command(shellTask('', { context: {} }))).toThrow('needs a command');
});
