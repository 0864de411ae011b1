import { AppError } from '../domain/errors.ts';
import { type ClaudeCodeSettings, claudeCode } from './claude-code.ts';
import type { Executor } from './executor.ts';
import { shell } from './shell.ts';

/** The settings of the executors that have any, by name. */
export interface ExecutorSettings {
  'claude-code': ClaudeCodeSettings;
}

/** Every executor there is. A further one is a file beside this, and a line here. */
export function createExecutors(settings: ExecutorSettings): Executor[] {
  return [claudeCode(settings['claude-code']), shell];
}

export interface FoundExecutors {
  usable: Executor[];
  /** What was looked for and is not there, and what to do about it. */
  missing: { name: string; advice: string }[];
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
  const found: FoundExecutors = { usable: [], missing: [] };
  for (const executor of executors) {
    if (options.wanted && !options.wanted.includes(executor.name)) continue;
    const probe = await executor.probe(options.env);
    if (probe.found) found.usable.push(executor);
    else found.missing.push({ name: executor.name, advice: probe.advice });
  }
  return found;
}
