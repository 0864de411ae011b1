import type { Clock } from '../domain/clock.ts';
import type { ErrorClass, TaskMetric } from '../domain/outcome.ts';
import type { Task } from '../domain/task.ts';

/** What to start for an attempt: a program and its argument vector, never a line for a shell to take apart. */
export interface Command {
  program: string;
  args: string[];
  /** Written to the child's stdin, which is then closed; without it stdin is empty. */
  stdin?: string;
  /** Added to the child's environment. */
  env?: Record<string, string>;
  /** Files in the run's own folder that are there before the start, for this user alone: what is in them by their path. */
  files?: Record<string, string>;
  /** A file in that folder to which the program adds figures, besides its output: for `OutputReader.record`. */
  record?: string;
}

/** How the child ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  exitCode?: number;
  signal?: NodeJS.Signals;
  /** The end of what it wrote, stdout and stderr as they came. */
  tail: string;
}

/** What an executor makes of a run, in the words of an outcome. What is not known is absent, never 0. */
export interface Interpretation
  extends Pick<
    TaskMetric,
    'status' | 'usage_by_model' | 'usage' | 'usage_state' | 'cost_usd' | 'cost_source' | 'billing'
  > {
  /** Present exactly if `status` is failed. */
  error_class?: ErrorClass;
  error_message?: string;
  /** What it ran on, as the CLI says. */
  model?: string;
  /** The CLI's final object as it came, for pricing it again; at most 64 KiB. Not masked yet. */
  raw_result?: string;
  /** RFC 3339: when the provider said that its limit ends. */
  retry_at?: string;
  /** The agent's last words, where the format tells them apart. */
  text?: string;
}

/** Takes in one run's output as it comes, in bounded memory. No input makes it throw. */
export interface OutputReader {
  /** The next piece of stdout, cut anywhere. */
  push(chunk: Uint8Array): void;
  /** What the program has written to its record during the run: before `interpret`. */
  record?(chunk: Uint8Array): void;
  /** What is known before the run has ended, for its watchdogs and caps. */
  progress(): OutputProgress;
  /** What the run came to, once it has ended. */
  interpret(end: ProcessEnd): Interpretation;
}

export interface OutputProgress {
  /** True once the final event was seen: the process is due to end. */
  final: boolean;
  /** What it has cost and how often it went round so far, where the stream tells. */
  cost_usd?: number;
  turns?: number;
}

export type Probe =
  | {
      found: true;
      detail: string;
      /** What seems to be missing, such as a login, and what to do about it. The program is there all the same. */
      advice?: string;
    }
  | { found: false; advice: string };

/** How to find out whether a CLI is there and logged in, and what a person has to do. */
export interface CliSetUp {
  /** The executor's name, as in the configuration. */
  name: string;
  install: string;
  /** "log in by …", or what else is needed. */
  logIn: string;
  /** Variables of which one is enough instead; the first is the usual one. */
  variables: string[];
  /** Files of which one shows a login; relative to the home folder. */
  files(env: NodeJS.ProcessEnv): string[];
  /** Arguments without which it asks before it changes a file: the user's to give, in `args`. */
  argsToWrite?: string[];
}

/** What a task may limit besides its time. */
export type Cap = 'max_cost_usd' | 'max_turns';

/** One agent CLI: its command line, and what its output means. */
export interface Executor {
  readonly name: string;
  /** Whether output comes while it works, so that silence says something. */
  readonly streams: boolean;
  /** The caps that are kept: by an option of the CLI, or since its output tells on the way. None, if absent. */
  readonly caps?: readonly Cap[];
  /** Absent for what needs no setting up. */
  readonly setUp?: CliSetUp;
  /**
   * What it leaves for itself where it works, from the root of a repository: none of that is the task's work.
   */
  readonly leaves?: readonly string[];
  /**
   * `folder` is the run's own, outside of where it works: it is there if the command has files or a record.
   * @throws AppError `invalid` if the task lacks what this executor needs
   */
  command(task: Task, folder: string): Command;
  /**
   * `clock` dates what a message says without a date ("resets 12:20pm"). `argv` is a user's own command line, which
   * says what form of output they chose; without it the form is that of `command`, and plain text is a failure.
   */
  createReader(clock?: Clock, argv?: readonly string[]): OutputReader;
  /** Looks for the program and, as far as that shows without a call over the network, for its login. */
  probe(env: NodeJS.ProcessEnv): Promise<Probe>;
}
