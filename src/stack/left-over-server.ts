import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import { runProgram } from './run-program.ts';

/** What is known of a server that an earlier run has started: its process, and the process that started it. */
interface ServerRecord {
  pid: number;
  owner: number;
}

/** Leaves a note of a running server in its data folder. */
export async function recordServer(pidFile: string, pid: number): Promise<void> {
  await writeFile(pidFile, `${pid} ${process.pid}\n`);
}

export async function forgetServer(pidFile: string): Promise<void> {
  await rm(pidFile, { force: true });
}

/**
 * Ends a server that an earlier run left behind when it was killed: it would hold the data folder and the port.
 * It is ended only if the noted process still has `argument` (which names the data folder) on its command line.
 * @throws AppError `conflict` if it belongs to another Andon that is still running
 */
export async function endLeftOver(
  pidFile: string,
  argument: string,
  say: (line: string) => void,
): Promise<void> {
  const record = await readRecord(pidFile);
  if (!record || !(await commandOf(record.pid)).includes(argument)) return;
  if ((await parentOf(record.pid)) === record.owner && record.owner !== process.pid) {
    throw new AppError(
      'conflict',
      `process ${record.owner} is another Andon that runs on this data folder (${pidFile})`,
    );
  }
  say(`Ending process ${record.pid}, which an earlier run left behind.`);
  await endProcess(record.pid, 10);
  await forgetServer(pidFile);
}

async function readRecord(pidFile: string): Promise<ServerRecord | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const [pid, owner] = text.trim().split(' ').map(Number);
  return pid && owner && pid > 1 ? { pid, owner } : undefined;
}

/** The arguments of a process; nothing if there is none. Where there is no /proc, `ps` gives them in one piece. */
async function commandOf(pid: number): Promise<{ includes(argument: string): boolean }> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  } catch {
    if (process.platform === 'linux') return [];
    return (await runProgram('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout;
  }
}

async function parentOf(pid: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold spaces and brackets itself; the state and the parent are behind it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return Number((await runProgram('ps', ['-o', 'ppid=', '-p', String(pid)])).stdout.trim());
  }
}

async function endProcess(pid: number, graceSeconds: number): Promise<void> {
  const deadline = performance.now() + graceSeconds * 1000;
  if (!send(pid, 'SIGTERM')) return;
  while (performance.now() < deadline) {
    await sleep(50);
    if (!(await isRunning(pid))) return;
  }
  send(pid, 'SIGKILL');
  for (let tries = 0; tries < 100 && (await isRunning(pid)); tries += 1) await sleep(50);
}

/** False for a zombie too: it holds nothing any more. */
async function isRunning(pid: number): Promise<boolean> {
  if (!send(pid, 0)) return false;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(stat);
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
