import { AppError } from '../../domain/errors.ts';
import type { JudgedRun } from '../../domain/judged-run.ts';
import { verdictIncrement } from '../../domain/ledger.ts';
import type { Task } from '../../domain/task.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { count } from './counter-store.ts';
import { json, type Step } from './database.ts';
import { outcomeLabelsFrom } from './outcome-store.ts';
import { changeOutcome } from './rollup-writer.ts';
import { maybeText, number, type Row, text } from './row.ts';
import { existingTask, statusOf, taskOf } from './task-row.ts';

interface Judgement {
  verdict: Verdict;
  pullRequest?: string;
}

/** Puts a verdict on the last outcome of an id. @throws AppError `not_found`; `conflict` if that is not completed work */
export function judge(step: Step, id: string, judgement: Judgement): Task | JudgedRun {
  const task = step.get(`SELECT * FROM tasks WHERE id = $id`, { id });
  const last = step.get(`SELECT * FROM outcomes WHERE task_id = $id ORDER BY attempt DESC LIMIT 1`, { id });
  if (task) return judgeTask(step, task, judgement);
  if (!last) throw new AppError('not_found', `there is no task ${id}, and no run with that id was recorded`);
  if (last.status !== 'completed' || last.final !== 1) {
    const status = last.status === 'completed' ? 'to be tried again' : text(last.status);
    throw new AppError('conflict', `a verdict is about completed work, and run ${id} is ${status}`);
  }
  judgeOutcome(step, last, judgement);
  const { verdict, pullRequest } = judgement;
  return {
    id,
    attempt: number(last.attempt),
    task_type: text(last.task_type),
    project: text(last.project),
    executor: text(last.executor),
    model: text(last.model),
    status: 'completed',
    verdict,
    pull_request: pullRequest ?? maybeText(last.pull_request),
  };
}

function judgeTask(step: Step, row: Row, judgement: Judgement): Task {
  const id = text(row.id);
  if (statusOf(row) !== 'completed') {
    throw new AppError('conflict', `a verdict is about completed work, and task ${id} is ${statusOf(row)}`);
  }
  const { verdict, pullRequest } = judgement;
  step.run(
    `UPDATE tasks SET verdict = $verdict, pull_request = coalesce($pull_request, pull_request) WHERE id = $id`,
    { id, verdict, pull_request: pullRequest },
  );
  const outcome = step.get(
    `SELECT * FROM outcomes WHERE task_id = $id AND final AND status = 'completed' ORDER BY attempt DESC LIMIT 1`,
    { id },
  );
  if (outcome) judgeOutcome(step, outcome, judgement);
  return taskOf(existingTask(step, id));
}

function judgeOutcome(step: Step, outcome: Row, { verdict, pullRequest }: Judgement): void {
  if (outcome.verdict !== verdict) {
    const of = { task_id: text(outcome.task_id), attempt: number(outcome.attempt) };
    count(step, of, [verdictIncrement(verdict, outcomeLabelsFrom(json(outcome.labels)))]);
  }
  const seq = number(outcome.seq);
  changeOutcome(step, seq, () =>
    step.run(
      `UPDATE outcomes SET verdict = $verdict, verdict_at = $now, pull_request = coalesce($pull_request, pull_request)
       WHERE seq = $seq`,
      { seq, verdict, pull_request: pullRequest, now: step.now },
    ),
  );
}
