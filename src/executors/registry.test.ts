import { chmod, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { shellTask } from '../../test/executors/service-stand-in.ts';
import { createExecutors, findExecutors } from './registry.ts';
import { shell } from './shell.ts';

const settings = (command: string) => ({ command, args: [], billing: 'unknown' as const });
const executors = createExecutors({
  'claude-code': settings('claude-for-a-test'),
  codex: settings('codex-for-a-test'),
  cursor: settings('cursor-for-a-test'),
  gemini: settings('gemini-for-a-test'),
  opencode: settings('opencode-for-a-test'),
  aider: settings('aider-for-a-test'),
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
  expect(missing.map(({ name }) => name)).toEqual(['codex', 'cursor', 'gemini', 'opencode', 'aider']);
});

it('says what to do about one that is not', async () => {
  const env = { PATH: await folderWith(0o644) };
  const { usable, missing } = await findExecutors(executors, { env });
  expect(usable.map(({ name }) => name)).toEqual(['shell']);
  expect(missing[0]).toEqual({ name: 'claude-code', advice: expect.stringContaining('Install Claude Code') });
});

it('takes only what is wanted, and refuses what does not exist', async () => {
  const { usable } = await findExecutors(executors, { env: {}, wanted: ['shell'] });
  expect(usable).toEqual([shell]);
  await expect(findExecutors(executors, { env: {}, wanted: ['goose'] })).rejects.toThrow(
    'there is no executor goose; there are claude-code, codex, cursor, gemini, opencode, aider, shell',
  );
});

it('says of one without a login how to log in, and lets it be tried', async () => {
  const folder = await folderWith(0o755);
  const probe = (more: NodeJS.ProcessEnv) =>
    findExecutors(executors, { env: { PATH: folder, HOME: folder, ...more }, wanted: ['claude-code'] });
  const { usable, doubtful } = await probe({});
  expect(usable).toHaveLength(1);
  expect(doubtful).toEqual([
    { name: 'claude-code', advice: expect.stringContaining('running `claude` once') },
  ]);
  expect((await probe({ ANTHROPIC_API_KEY: 'k' })).doubtful).toEqual([]);
  await mkdir(join(folder, '.claude'));
  await writeFile(join(folder, '.claude/.credentials.json'), '{}');
  expect((await probe({})).doubtful).toEqual([]);
  expect((await probe({ CLAUDE_CONFIG_DIR: join(folder, 'other') })).doubtful).toHaveLength(1);
});

it('gives a shell task its direction as a variable that any system takes', () => {
  const { env, args } = shell.command(shellTask('true', { direction: `a\0b${'€'.repeat(100_000)}` }), '/run');
  const value = env?.ANDON_DIRECTION ?? '';
  expect(args).toEqual(['-c', 'true']);
  expect(value.startsWith('ab€')).toBe(true);
  expect(value).not.toContain('\ufffd');
  expect(Buffer.byteLength(value)).toBeLessThan(128 * 1024);
});

it('refuses a shell task without a command', () => {
  expect(() => shell.command(shellTask('', { context: {} }), '/run')).toThrow('needs a command');
});
