-- Verdicts on what is no task of ours. Times are milliseconds since the epoch.

-- A verdict is about one final completed outcome, a task's or a foreign run's, and stays with it when the task runs again.
ALTER TABLE outcomes ADD COLUMN verdict TEXT;
ALTER TABLE outcomes ADD COLUMN verdict_at INTEGER;   -- null: not known, from before this column
ALTER TABLE outcomes ADD COLUMN pull_request TEXT;    -- that came with the verdict
UPDATE outcomes SET verdict = tasks.verdict, pull_request = tasks.pull_request
FROM tasks
WHERE tasks.id = outcomes.task_id AND tasks.verdict IS NOT NULL
  AND outcomes.attempt = (SELECT max(attempt) FROM outcomes last
                          WHERE last.task_id = tasks.id AND last.final AND last.status = 'completed');
