import { type Attempt, workChanges } from '../../domain/attempt.ts';
import { json } from './database.ts';
import { maybeNumber, maybeText, maybeTime, number, type Row, text } from './row.ts';

export function attemptOf(row: Row): Attempt {
  const status = maybeText(row.status);
  return {
    attempt: number(row.attempt),
    runner: text(row.runner),
    started_at: new Date(number(row.started_at)).toISOString(),
    ended_at: maybeTime(row.ended_at),
    status: status === 'completed' || status === 'failed' ? status : 'running',
    final: status === undefined ? undefined : row.final === 1,
    queue_seconds: number(row.queue_seconds),
    duration_seconds: maybeNumber(row.duration),
    error_class: maybeText(row.error_class),
    error_message: maybeText(row.error_message),
    cost_usd: maybeNumber(row.cost_usd),
    branch: maybeText(row.branch),
    changes: maybeText(row.changes) === undefined ? undefined : workChanges.parse(json(row.changes)),
  };
}
