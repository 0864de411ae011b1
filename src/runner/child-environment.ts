import { variantLabel } from '../domain/labels.ts';
import type { Task } from '../domain/task.ts';

/** The mark by which a process that we started is known, whatever became of its parents. */
export const markVariable = 'ANDON_RUN_MARK';

/** Git's own list of what names a repository (`git rev-parse --local-env-vars`); a hook that starts us sets these. */
const repositoryVariables = new Set([
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]);

/** Headers of an OTLP exporter hold keys. */
const exporterHeaders = /^OTEL_EXPORTER_OTLP_(.*_)?HEADERS$/;

/**
 * What of our environment a child may see: not our own settings and tokens (`ANDON_*`), the trace of whoever
 * started us, the keys of our telemetry, or the git repository that somebody else meant.
 */
export function inheritedByChildren(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => mayBeInherited(name)));
}

function mayBeInherited(name: string): boolean {
  if (name.startsWith('ANDON_') || name === 'TRACEPARENT' || name === 'TRACESTATE') return false;
  return !exporterHeaders.test(name) && !repositoryVariables.has(name);
}

/** What a child sees: what it may inherit, and what the task says of itself. */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  run: { task: Task; attempt: number; mark: string; traceparent?: string; extra?: Record<string, string> },
): NodeJS.ProcessEnv {
  const { prompt_variant, skill_version } = run.task.context;
  return {
    ...inheritedByChildren(env),
    ANDON_TASK_ID: run.task.id,
    ANDON_TASK_TYPE: run.task.task_type,
    ANDON_ATTEMPT: String(run.attempt),
    ANDON_VARIANT: variantLabel(run.task.context),
    [markVariable]: run.mark,
    ...(prompt_variant && { ANDON_PROMPT_VARIANT: prompt_variant }),
    ...(skill_version && { ANDON_SKILL_VERSION: skill_version }),
    ...(run.traceparent && { TRACEPARENT: run.traceparent }),
    ...run.extra,
  };
}
