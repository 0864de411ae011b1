import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * One life of a runner. What it leaves behind (processes, work folders, outcomes) names it, so that the next life can
 * tell what is left over from what belongs to a runner that still runs. A data folder belongs to one machine.
 */
export interface RunnerLife {
  /** The data folder. */
  data: string;
  /** The runner, by its data folder and id. */
  runner: string;
  /** Boot, process and life in one word. */
  instance: string;
}

export function newRunnerLife(dataDir: string, id: string): RunnerLife {
  const folder = resolve(dataDir);
  const life = crypto.randomUUID().slice(0, 8);
  return {
    data: digest(folder),
    runner: digest(`${folder}\n${id}`),
    instance: `${bootId()}.${process.pid}.${startOf(readIfThere('/proc/self/stat'))}.${life}`,
  };
}

/**
 * Whether a life is over: its process is gone, or it was an earlier one of the same runner in this process. `self` is
 * a life that is not over.
 */
export async function isOver(life: Omit<RunnerLife, 'data'>, self: RunnerLife): Promise<boolean> {
  if (life.instance === self.instance) return false;
  const [boot, pid = '', started] = life.instance.split('.');
  const [ownBoot, ownPid, ownStart] = self.instance.split('.');
  if (boot !== ownBoot) return true;
  if (pid === ownPid && started === ownStart) return life.runner === self.runner;
  return !(await isRunning(Number(pid), started));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

async function isRunning(pid: number, started: string | undefined): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return startOf(stat) === started && !/\) [ZX]/.test(stat);
}

/** When a process was started, in ticks since boot; 0 where the system does not tell. */
function startOf(stat: string): string {
  // pid (name) state … with the start in field 22; the name may hold blanks and parentheses.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
}

function bootId(): string {
  return readIfThere('/proc/sys/kernel/random/boot_id').slice(0, 8) || 'boot';
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
