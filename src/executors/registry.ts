import { AppError } from '../domain/errors.ts';
import type { AgentCliSettings } from './agent-cli.ts';
import { aider } from './aider.ts';
import { claudeCode } from './claude-code.ts';
import { type CliName, isCliName } from './cli-names.ts';
import { codex } from './codex.ts';
import { cursor } from './cursor.ts';
import type { Executor } from './executor.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { shell } from './shell.ts';

/** Every agent CLI there is. A further one is a file beside this, a line here, and its names in `cli-names.ts`. */
const agentClis = {
  'claude-code': claudeCode,
  codex,
  cursor,
  gemini,
  opencode,
  aider,
} satisfies Record<CliName, (settings: AgentCliSettings) => Executor>;

/** The settings of the agent CLIs, by name. */
export type ExecutorSettings = Record<CliName, AgentCliSettings>;

/** The executors that have settings, and `shell`, which needs none. */
export function createExecutors(settings: Partial<ExecutorSettings>): Executor[] {
  const names = Object.keys(agentClis).filter(isCliName);
  const created = names.flatMap((name) => {
    const own = settings[name];
    return own ? [agentClis[name](own)] : [];
  });
  return [...created, shell];
}

export interface FoundExecutors {
  usable: Executor[];
  /** What was looked for and is not there, and what to do about it. */
  missing: { name: string; advice: string }[];
  /** What is usable but seems to lack something, such as a login. */
  doubtful: { name: string; advice: string }[];
}

/**
 * Probes the executors that are wanted, or all.
 * @throws AppError `invalid` if one is wanted that there is not
 */
export async function findExecutors(
  executors: Executor[],
  options: { env: NodeJS.ProcessEnv; wanted?: string[] },
): Promise<FoundExecutors> {
  const names = executors.map((executor) => executor.name);
  const unknown = options.wanted?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new AppError(
      'invalid',
      `there is no executor ${unknown.join(', ')}; there are ${names.join(', ')}`,
    );
  }
  const found: FoundExecutors = { usable: [], missing: [], doubtful: [] };
  for (const executor of executors) {
    if (options.wanted && !options.wanted.includes(executor.name)) continue;
    const probe = await executor.probe(options.env);
    if (probe.found) found.usable.push(executor);
    if (probe.advice === undefined) continue;
    found[probe.found ? 'doubtful' : 'missing'].push({ name: executor.name, advice: probe.advice });
  }
  return found;
}
