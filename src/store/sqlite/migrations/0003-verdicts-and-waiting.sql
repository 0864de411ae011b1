-- Verdicts on what is no task, what tasks wait for, and what is to be priced. Times are milliseconds since the epoch.

-- A verdict is about one final completed outcome, of a task or a run, and stays with it when the task runs again.
ALTER TABLE outcomes ADD COLUMN verdict TEXT;
ALTER TABLE outcomes ADD COLUMN verdict_at INTEGER;   -- null: not known, from before this column
ALTER TABLE outcomes ADD COLUMN pull_request TEXT;    -- that came with the verdict
UPDATE outcomes SET verdict = tasks.verdict, pull_request = tasks.pull_request
FROM tasks
WHERE tasks.id = outcomes.task_id AND tasks.verdict IS NOT NULL
  AND outcomes.attempt = (SELECT max(attempt) FROM outcomes last
                          WHERE last.task_id = tasks.id AND last.final AND last.status = 'completed');

-- Who waits for whom, as in the requests: a new task must not close a circle.
CREATE TABLE dependencies (
  task_id    TEXT NOT NULL REFERENCES tasks (id),
  depends_on TEXT NOT NULL,   -- may not exist yet
  PRIMARY KEY (task_id, depends_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependencies_awaited ON dependencies (depends_on);
INSERT INTO dependencies
SELECT DISTINCT tasks.id, d.value FROM tasks, json_each(tasks.request, '$.depends_on') d;

-- What each runner asked for in its last claim, as JSON; null: not known, from before this column.
ALTER TABLE runners ADD COLUMN asks TEXT;
-- What pending tasks ask of a runner: counted at each look at the status.
CREATE INDEX tasks_waiting ON tasks (executor, project, (request -> '$.tags'), queued_at) WHERE status = 'pending';

-- Outcomes whose cost a table may know better, by when they ended: a long history is gone through page by page.
CREATE INDEX outcomes_to_price ON outcomes (created_at)
  WHERE usage_state <> 'none' AND cost_source IN ('computed', 'unpriced');
