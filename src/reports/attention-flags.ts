import type { LowSuccessRate, RepeatedFailure } from './failure-attention.ts';
import type { HeldExecutor, UntakenTasks } from './runner-attention.ts';

/** Of kinds of tasks that nobody takes so many are told one by one. */
const mostUntaken = 10;

/** Sentences about failures. `lately` says in which time: `in the last hour`. */
export function failureFlags(
  found: { repeated_failures: RepeatedFailure[]; low_success_rate: LowSuccessRate[] },
  lately: string,
): string[] {
  return [
    ...found.repeated_failures.map(
      ({ project, task_type, error_class, count }) =>
        `${count} ${task_type} attempts in ${project} failed with ${error_class} ${lately}.`,
    ),
    ...found.low_success_rate.map(
      ({ project, task_type, rate, total }) =>
        `Only ${Math.round(rate * 100)} % of ${total} ${task_type} tasks in ${project} succeeded ${lately}.`,
    ),
  ];
}

/** What holds an executor, until when, and what to do; `open` is what opens it. */
export function holdFlag(
  { executor, runner, state, reason, until, pending }: HeldExecutor,
  open = `POST /api/agent/executors/${encodeURIComponent(executor)}/open`,
): string {
  const work = pending === 0 ? 'none of its tasks waits' : `${tasks(pending)} of it ${waits(pending)}`;
  if (state === 'paused') {
    return [
      `Executor ${executor} is paused until ${shortTime(until)} (${reason}); ${work}.`,
      `It goes on by itself then; ${open} lets it go on now.`,
    ].join(' ');
  }
  const from = until === undefined ? '' : ` after ${shortTime(until)}`;
  return [
    `Executor ${executor} is closed for runner ${runner} (${reason}); ${work}.`,
    `To do where ${runner} runs: ${remedy(reason)}.`,
    `It opens when a probe passes${from}, or by ${open}.`,
  ].join(' ');
}

/** What a person does about a fault of the set-up, by the error class that begins the reason. */
function remedy(reason: string): string {
  switch (reason.split(':', 1)[0]) {
    case 'auth':
      return 'log it in, or give it its key';
    case 'spawn':
      return 'see that its program is installed and starts';
    case 'no_first_byte':
      return 'run it by hand, and see why it prints nothing';
    default:
      return 'put it right';
  }
}

/** What no live runner takes, and what to do; `live` says how long ago one was heard of at most. */
export function untakenFlags(untaken: readonly UntakenTasks[], live: string): string[] {
  const [first] = untaken;
  if (first?.lack === 'runner') {
    const count = untaken.reduce((sum, one) => sum + one.count, 0);
    return [`${tasks(count)} ${waits(count)}, and no runner was heard of ${live}: start one (andon run).`];
  }
  const flags = untaken.slice(0, mostUntaken).map(untakenFlag);
  const more = untaken.length - flags.length;
  return more > 0 ? [...flags, `${more} more kinds of tasks are taken by no live runner.`] : flags;
}

function untakenFlag({ executor, project, tags, count, lack }: UntakenTasks): string {
  const wait = `${tasks(count)} of project ${project} ${waits(count)} for executor ${executor}`;
  const offered = 'which no live runner offers together';
  switch (lack) {
    case 'project':
      return `${wait}, and no live runner that has it takes this project: add it to a runner’s runner.projects.`;
    case 'tags':
      return `${wait} and the tags ${tags.join(', ')}, ${offered}: add them to a runner’s runner.tags.`;
    default:
      return `${wait}, which no live runner has: install its program where one is, or name it in runner.executors.`;
  }
}

function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

function waits(count: number): string {
  return count === 1 ? 'waits' : 'wait';
}

/** Without a fraction of nothing. */
function shortTime(time: string | undefined): string {
  return time?.replace('.000Z', 'Z') ?? 'a person opens it';
}

/** `in the last` so long, in the largest unit that it is a multiple of. */
export function inTheLast(seconds: number): string {
  const units: [string, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const [name, size] = units.find(([, size]) => seconds >= size && seconds % size === 0) ?? ['second', 1];
  return `in the last ${seconds === size ? name : `${seconds / size} ${name}s`}`;
}
