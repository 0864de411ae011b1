import { type AndonProcess, startAndon } from '../andon-process.ts';

/** One of our processes, which is killed and started again, and was several by the end. */
export interface Killable {
  readonly name: string;
  /** Of the one that lives. */
  readonly pid: number;
  readonly kills: number;
  /** What all of them have said. */
  output(): string;
  /** KILL; started again after so many milliseconds. */
  kill(downMs: number): Promise<void>;
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export function startKillable(name: string, args: string[], env: Record<string, string>): Killable {
  const lives: AndonProcess[] = [startAndon(args, env)];
  const last = () => lives.at(-1) as AndonProcess;
  return {
    name,
    get pid() {
      return last().pid;
    },
    get kills() {
      return lives.length - 1;
    },
    output: () => lives.map((life) => life.output()).join(''),
    async kill(downMs) {
      await last().kill();
      await new Promise((resolve) => setTimeout(resolve, downMs));
      lives.push(startAndon(args, env));
    },
    stop: () => last().terminate(),
  };
}
