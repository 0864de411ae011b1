import { messageOf } from '../domain/errors.ts';
import type { Task } from '../domain/task.ts';
import { type AgentRun, runAgent } from './agent-run.ts';
import { classOf, failedAfter, failedBefore } from './attempt-end.ts';
import type { AttemptState } from './attempt-run.ts';
import { promptOf } from './prompt-template.ts';
import { maskText } from './secret-mask.ts';
import { layOverSkill } from './skill-overlay.ts';
import type { TaskLog } from './task-log.ts';
import { runVerify } from './verify.ts';
import type { WorkDir } from './work-dir.ts';

/** All steps of an attempt: prepare, the agent, what it changed, and if it completed, what must pass after it. */
export async function workOn(state: AttemptState, log: TaskLog): Promise<AgentRun> {
  const { context, claimed } = state;
  let dir: WorkDir | undefined;
  let run: AgentRun | undefined;
  try {
    dir = await context.workDirs.open(claimed.task, claimed.attempt, state.ended.signal);
    run = await workIn(state, dir, log);
  } catch (error) {
    // Said in the log too: there is no output that would tell.
    await log.note(maskText(messageOf(error), context.secrets));
    run = failedBefore(messageOf(error), classOf(error));
  }
  const failed = run.interpretation.status === 'failed' || state.endReason !== undefined;
  await dir?.release({ failed }).catch((error) => {
    context.logger.warn({ err: error, task: claimed.task.id }, `work folder: ${messageOf(error)}`);
  });
  return run;
}

async function workIn(state: AttemptState, dir: WorkDir, log: TaskLog): Promise<AgentRun> {
  const { task } = state.claimed;
  const { promptsDir, skillsDir } = state.context;
  const prompted = { ...task, direction: await promptOf(task, promptsDir) };
  await layOverSkill(task, dir, skillsDir);
  const agent = await collect(state, dir, await runAgent(state, prompted, dir, log));
  if (agent.interpretation.status === 'failed' || state.endReason || !task.verify?.length) return agent;
  state.streams = false;
  const failure = await runVerify(state, task.verify, dir, log);
  return failure
    ? { ...agent, interpretation: { ...agent.interpretation, status: 'failed', ...failure } }
    : agent;
}

/** Takes down what the agent changed, and commits what a successful one left uncommitted. */
async function collect(state: AttemptState, dir: WorkDir, agent: AgentRun): Promise<AgentRun> {
  const { context, claimed } = state;
  const completed = agent.interpretation.status === 'completed' && !state.endReason;
  try {
    state.work = await dir.collect({ message: completed ? commitMessage(claimed.task) : undefined });
  } catch (error) {
    if (completed) return failedAfter(agent, error);
    context.logger.warn({ err: error, task: claimed.task.id }, `changes: ${messageOf(error)}`);
    return agent;
  }
  const expected = claimed.task.expects_change ?? context.changeExpected.includes(claimed.task.task_type);
  if (!completed || !expected || !state.work || state.work.changes.files_changed > 0) return agent;
  return {
    ...agent,
    interpretation: {
      ...agent.interpretation,
      status: 'failed',
      error_class: 'no_change',
      error_message: 'a change was asked for, and none was made',
    },
  };
}

/** As long as a subject may be before it is cut in most views. */
const longestSubject = 72;

function commitMessage({ id, direction }: Task): string {
  const [first = ''] = direction.trim().split(/\r?\n/);
  const subject = `andon: ${first}`;
  const cut =
    subject.length <= longestSubject ? subject : `${subject.slice(0, longestSubject - 1).toWellFormed()}…`;
  return `${cut}\n\nLeft uncommitted by the agent of task ${id}.\n\nAndon-Task: ${id}\n`;
}
