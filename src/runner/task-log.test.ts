import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { OutputTail } from './output-tail.ts';
import { TaskLog } from './task-log.ts';

const footer = { duration_seconds: 1.23456, exit: 0, status: 'completed' } as const;
const logger = pino({ level: 'silent' });

it('appends one attempt after the other', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'andon-'));
  for (const header of ['attempt=1', 'attempt=2']) {
    const log = await TaskLog.open({ dir, taskId: 't', header, logger });
    await log.write(Buffer.from('no newline'));
    await log.close(footer);
  }
  const end = 'no newline\n# duration_seconds=1.235 exit=0 status=completed\n';
  expect(await readFile(join(dir, 'task_t.log'), 'utf8')).toBe(`# attempt=1\n${end}# attempt=2\n${end}`);
});

it('answers the last 64 KiB, cut at a character, with the last line in it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'andon-'));
  const log = await TaskLog.open({ dir, taskId: 't', header: 'attempt=1', logger });
  await log.write(Buffer.from('€'.repeat(50_000)));
  const tail = await log.close({ ...footer, status: 'failed', error_class: 'timeout' });
  expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(65_536);
  expect(tail).toMatch(/^€+\n# duration_seconds=1\.235 exit=0 status=failed error_class=timeout\n$/);
});

it('keeps the end of any stream', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.integer({ min: 1, max: 40 }), (parts, limit) => {
      const tail = new OutputTail(limit);
      for (const part of parts) tail.push(Buffer.from(part));
      const whole = Buffer.from(parts.join('')).toString();
      expect(whole.endsWith(tail.text())).toBe(true);
      const kept = Buffer.byteLength(tail.text());
      expect(kept).toBeLessThanOrEqual(limit);
      expect(kept).toBeGreaterThan(Math.min(limit, Buffer.byteLength(whole)) - 4);
    }),
  );
});

it('keeps as much as its limit, however the stream is cut', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 12 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 20_000 }), (parts, limit) => {
      const tail = new OutputTail(limit);
      const whole = Buffer.from(Array.from({ length: parts.reduce((a, b) => a + b, 0) }, (_, i) => i % 251));
      let at = 0;
      for (const size of parts) {
        tail.push(whole.subarray(at, at + size));
        at += size;
      }
      const gone = Math.max(0, whole.length - limit);
      expect(tail.bytes()).toEqual({ kept: whole.subarray(gone), gone });
    }),
  );
});
