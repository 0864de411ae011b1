import { execFile } from 'node:child_process';
import { AppError } from '../domain/errors.ts';
import { inheritedByChildren, markVariable } from './child-environment.ts';

export interface GitCall {
  cwd: string;
  input?: string;
  /** Ends git early. */
  signal?: AbortSignal;
}

/**
 * Runs git, and answers its stdout. Nothing of the repository is run (no hook, no editor, no prompt), and no other
 * repository is meant.
 * @throws AppError `invalid` with git's own words; `unavailable` if the machine, not the repository, is at fault
 */
export type Git = (args: string[], call: GitCall) => Promise<string>;

/** Git's words where a disk, a permission or a missing program is at fault: no task could be set up now. */
const machineFault = /no space left|disk quota|read-only file ?system|permission denied|too many open files/i;

/** What two calls of git on one repository can find locked by each other. */
const lockFault = /\.lock'?: File exists|could not lock config file|another git process/i;

const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'commit.gpgSign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.addEmbeddedRepo=false',
].flatMap((setting) => ['-c', setting]);

/** Longer than the checkout of any repository that an agent could work in. */
const longestCallMs = 15 * 60 * 1000;

/** `mark` is by which a git that outlives a killed runner is found, and ended before its work tree is taken away. */
export function createGit(env: NodeJS.ProcessEnv, mark: string): Git {
  const environment = {
    ...inheritedByChildren(env),
    [markVariable]: mark,
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: ':',
    // Its words are looked at.
    LC_ALL: 'C',
  };
  return (args, call) => run([...settings, ...args], call, environment);
}

/** True if the same call may succeed in a moment: another process works on the same repository. */
export function isLocked(error: unknown): boolean {
  return error instanceof AppError && lockFault.test(error.message);
}

function run(args: string[], { cwd, input, signal }: GitCall, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, signal, timeout: longestCallMs, maxBuffer: 256 * 1024 * 1024 };
    const child = execFile('git', args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(gitError(args, stderr, error));
    });
    // A git that exits without reading is no error of ours.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function gitError(args: string[], stderr: string, cause: Error): AppError {
  const verb = args.slice(settings.length).find((argument) => !argument.startsWith('-'));
  const said = stderr.trim().slice(-2000) || cause.message;
  const notStarted = 'code' in cause && typeof cause.code === 'string';
  const ours = notStarted || machineFault.test(said);
  return new AppError(ours ? 'unavailable' : 'invalid', `git ${verb}: ${said}`, { cause });
}
