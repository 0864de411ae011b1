import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { messageOf } from '../domain/errors.ts';
import { type ChildPipe, openChildPipes } from './child-pipe.ts';
import type { StreamPlan } from './stream-plan.ts';

export interface StartOptions {
  argv: readonly [string, ...string[]];
  env: NodeJS.ProcessEnv;
  streams: StreamPlan;
  /** True to leave the child in our process group, where a terminal's signals reach it. */
  shareGroup: boolean;
}

export type Started =
  | { ok: true; child: ChildProcess; pid: number; stdout?: Readable; stderr?: Readable }
  /** In the words and with the status of a shell. */
  | { ok: false; status: 126 | 127; message: string };

interface Pipes {
  stdout?: ChildPipe;
  stderr?: ChildPipe;
}

/** Starts a command with our stdin and the streams as planned. */
export async function startChild(options: StartOptions): Promise<Started> {
  const [program, ...args] = options.argv;
  const passed = (['stdout', 'stderr'] as const).filter((stream) => options.streams[stream] === 'pass');
  const opened = openChildPipes(passed.length);
  const pipes: Pipes = Object.fromEntries(passed.map((stream, index) => [stream, opened[index]]));
  try {
    const child = spawn(program, args, {
      env: options.env,
      stdio: ['inherit', ...outputs(options.streams, pipes)],
      detached: !options.shareGroup,
    });
    if (child.pid === undefined) throw await startError(child);
    return {
      ok: true,
      child,
      pid: child.pid,
      stdout: pipes.stdout?.reader ?? child.stdout ?? undefined,
      stderr: pipes.stderr?.reader ?? child.stderr ?? undefined,
    };
  } catch (error) {
    pipes.stdout?.reader.destroy();
    pipes.stderr?.reader.destroy();
    return notStarted(program, error);
  } finally {
    pipes.stdout?.closeWriter();
    pipes.stderr?.closeWriter();
  }
}

function outputs({ stdout, stderr }: StreamPlan, pipes: Pipes): ('inherit' | 'pipe' | number)[] {
  const out = pipes.stdout?.writer ?? 'pipe';
  const stderrs = { inherit: 'inherit', pass: pipes.stderr?.writer ?? 'pipe', with_stdout: out } as const;
  return [stdout === 'inherit' ? 'inherit' : out, stderrs[stderr]];
}

function startError(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
  });
}

function notStarted(program: string, error: unknown): Started {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return { ok: false, status: 127, message: `${program}: command not found` };
  const why = code === 'EACCES' ? 'permission denied' : messageOf(error);
  return { ok: false, status: 126, message: `${program}: ${why}` };
}
