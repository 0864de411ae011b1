import { spawn } from 'node:child_process';
import type { WallClock } from '../wall-clock.ts';

/** When `child_process.spawn` was called, and when it told the exit. */
export interface SpawnTimes {
  called: number;
  exited: number;
}

/** The named peer: the same commands by nothing but `child_process.spawn`, so many at a time. */
export async function spawnBare(
  commands: ReadonlyMap<string, string>,
  { atOnce, clock }: { atOnce: number; clock: WallClock },
): Promise<Map<string, SpawnTimes>> {
  const times = new Map<string, SpawnTimes>();
  const left = commands.entries();
  const worker = async () => {
    // One iterator for all: each takes the next.
    for (const [id, command] of left) {
      const called = clock();
      await exitOf(command);
      times.set(id, { called, exited: clock() });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return times;
}

function exitOf(command: string): Promise<void> {
  // As the runner starts its children.
  const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}: ${command}`))));
  });
}
