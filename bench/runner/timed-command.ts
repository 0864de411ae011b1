import { readFileSync } from 'node:fs';

/** When a run of the command began and ended by its own account, in seconds since the epoch. */
export interface RunTimes {
  began: number;
  ended: number;
}

/**
 * A command line that notes its own first and last moment in a file, and sleeps in between. Bash, since it has a clock
 * built in: another program to tell the time would take longer than what is measured.
 */
export function timedCommand(id: string, { seconds, file }: { seconds: number; file: string }): string {
  return `exec bash -c 'a=$EPOCHREALTIME; sleep ${seconds}; echo ${id} $a $EPOCHREALTIME >> "${file}"'`;
}

export function readTimes(file: string): Map<string, RunTimes> {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [id = '', began, ended] = line.split(' ');
      // Some locales have a comma in it.
      return [id, { began: seconds(began), ended: seconds(ended) }];
    }),
  );
}

function seconds(text = ''): number {
  return Number(text.replace(',', '.'));
}
