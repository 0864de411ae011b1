import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startProcessGroup } from './process-group.ts';

/** Runs a shell command, and answers what it wrote and how it ended. */
async function run(command: string, take: (chunk: Buffer) => Promise<void> = async () => {}) {
  const chunks: Buffer[] = [];
  const group = startProcessGroup({
    program: '/bin/sh',
    args: ['-c', command],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    graceMs: 100,
    drainMs: 150,
    async onOutput(_, chunk) {
      await take(chunk);
      chunks.push(chunk);
    },
  });
  return { end: await group.ended, text: Buffer.concat(chunks).toString() };
}

it('what a program wrote before it ended is all read, however slow we are', async () => {
  // More than a chunk, and each takes longer than silence may last.
  const { end, text } = await run('head -c 150000 /dev/zero; echo the result', () => sleep(300));
  expect(end).toEqual({ kind: 'exited', exitCode: 0, signal: undefined });
  expect(text.length).toBe(150_000 + 'the result\n'.length);
});

it('what is left open by a process that cannot be found is not waited for', async () => {
  const begun = performance.now();
  const { text } = await run('setsid sleep 20 & echo done');
  expect(text).toBe('done\n');
  expect(performance.now() - begun).toBeLessThan(15_000);
});

it('nor is one that goes on writing to it', async () => {
  const begun = performance.now();
  const { text } = await run('setsid timeout 20 sh -c "while echo more; do sleep 0.05; done" & echo done');
  expect(text).toContain('done\n');
  expect(performance.now() - begun).toBeLessThan(15_000);
});

it('of a program that is not there it says so', async () => {
  const group = startProcessGroup({
    program: '/nowhere/at/all',
    args: [],
    cwd: '/',
    env: {},
    graceMs: 100,
    onOutput: async () => {},
  });
  expect(await group.ended).toMatchObject({
    kind: 'not_started',
    message: expect.stringContaining('ENOENT'),
  });
});
