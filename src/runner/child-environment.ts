import { variantLabel } from '../domain/labels.ts';
import type { Task } from '../domain/task.ts';

/**
 * What a child sees: the given environment without our own settings and tokens (`ANDON_*`) and without the trace
 * of whoever started us, and what the task says of itself.
 */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  run: { task: Task; attempt: number; traceparent?: string; extra?: Record<string, string> },
): NodeJS.ProcessEnv {
  const { prompt_variant, skill_version } = run.task.context;
  const inherited = Object.entries(env).filter(
    ([name]) => !name.startsWith('ANDON_') && name !== 'TRACEPARENT' && name !== 'TRACESTATE',
  );
  return {
    ...Object.fromEntries(inherited),
    ANDON_TASK_ID: run.task.id,
    ANDON_TASK_TYPE: run.task.task_type,
    ANDON_ATTEMPT: String(run.attempt),
    ANDON_VARIANT: variantLabel(run.task.context),
    ...(prompt_variant && { ANDON_PROMPT_VARIANT: prompt_variant }),
    ...(skill_version && { ANDON_SKILL_VERSION: skill_version }),
    ...(run.traceparent && { TRACEPARENT: run.traceparent }),
    ...run.extra,
  };
}
