import { readdir, readFile } from 'node:fs/promises';

/** Sends a signal to all of a process group; false if there is none left to take it. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM: there is one, of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Whether a process group has a member that still runs. Zombies do not count: in a container whose first process
 * collects no orphans they stay for ever, and would cost each task its whole grace.
 */
export async function groupIsAlive(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  let entries: string[];
  try {
    entries = await readdir('/proc');
  } catch {
    return true;
  }
  const pids = entries.filter((name) => /^\d+$/.test(name));
  if (pids.length === 0) return true;
  const states = await Promise.all(pids.map((pid) => readState(pid)));
  return states.some((process) => process?.group === group && process.state !== 'Z' && process.state !== 'X');
}

async function readState(pid: string): Promise<{ state: string; group: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // pid (name) state parent group …; the name may hold blanks and parentheses.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state ? { state, group: Number(group) } : undefined;
  } catch {
    return undefined;
  }
}
