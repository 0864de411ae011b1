import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** The processor time that a process has used since it began, all threads that live, in seconds. Linux only. */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  // Nanoseconds on a processor, nanoseconds waiting for one, time slices.
  const nanoseconds = threads.map((thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e9;
}

/** The most memory that a process has held since its start or the last `forgetPeak`, in MB. Linux only. */
export function peakMegabytes(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
}

export function forgetPeak(pid: number): void {
  // As proc(5) has it: 5 resets the peak resident set size.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
