import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentCliSettings } from '../../src/executors/agent-cli.ts';
import type { Executor, Interpretation, ProcessEnd } from '../../src/executors/executor.ts';
import { createExecutors } from '../../src/executors/registry.ts';

const folder = join(import.meta.dirname, 'fixtures');

/** When every fixture is read; what it comes to must not depend on the time zone of the test's machine. */
export const fixtureNow = new Date(2026, 7, 19, 10, 0).getTime();

function settings(command: string): AgentCliSettings {
  return { command, args: [], billing: 'unknown' };
}

export const fixtureExecutors = createExecutors({
  'claude-code': settings('claude'),
  codex: settings('codex'),
  cursor: settings('cursor-agent'),
  gemini: settings('gemini'),
  opencode: settings('opencode'),
  aider: settings('aider'),
});

/** Every fixture, as `<cli>/<file>`. */
export function listFixtures(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/.*\.(jsonl|out|txt|stderr)$/.test(file))
    .sort();
}

export function readFixture(file: string): Buffer {
  return readFileSync(join(folder, file));
}

export function executorOf(file: string): Executor {
  const executor = fixtureExecutors.find(({ name }) => name === file.split('/')[0]);
  if (!executor) throw new Error(`no executor for ${file}`);
  return executor;
}

/** What an executor makes of output in these chunks. */
export function interpret(
  executor: Executor,
  chunks: Uint8Array[],
  { argv, ...end }: Partial<ProcessEnd> & { argv?: string[]; record?: Uint8Array | undefined } = {},
): Interpretation {
  const reader = executor.createReader(() => fixtureNow, argv);
  const { record, ...how } = end;
  for (const chunk of chunks) {
    reader.push(chunk);
    reader.progress();
  }
  if (record) reader.record?.(record);
  return reader.interpret({ exitCode: how.signal ? undefined : 0, tail: '', ...how });
}

/** What the run of a `.txt` fixture added to its record, if it had one: a file `.record` beside it. */
export function readRecord(file: string): Buffer | undefined {
  const beside = join(folder, file.replace(/\.txt$/, '.record'));
  return file.endsWith('.txt') && existsSync(beside) ? readFileSync(beside) : undefined;
}

/** What a fixture comes to: a `.stderr` one leaves stdout empty, a `.txt` one was asked for as plain text. */
export function interpretFixture(
  file: string,
  end: Partial<ProcessEnd> & { argv?: string[] } = {},
): Interpretation {
  const bytes = readFixture(file);
  const executor = executorOf(file);
  if (file.endsWith('.stderr')) return interpret(executor, [], { tail: bytes.toString(), ...end });
  const argv = file.endsWith('.txt') ? [executor.name, 'Do it.'] : undefined;
  return interpret(executor, [bytes], { argv, record: readRecord(file), tail: bytes.toString(), ...end });
}
