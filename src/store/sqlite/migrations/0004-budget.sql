-- Budgets: tasks that no throttle holds back, when budgets held tasks back, and people's words against it.
-- Times are milliseconds since the epoch.

ALTER TABLE tasks ADD COLUMN critical INTEGER NOT NULL DEFAULT 0;

-- What was spent in a time is read from the index alone, at each claim. It serves for windows as well.
CREATE INDEX outcomes_spent ON outcomes (created_at, project, billing, cost_source, cost_usd);
DROP INDEX outcomes_window;

-- The last time that each budget held tasks back.
CREATE TABLE budget_throttles (
  project TEXT PRIMARY KEY, -- '' is the budget of all projects together
  since   INTEGER NOT NULL,
  over_at INTEGER           -- null: it does
) STRICT, WITHOUT ROWID;

-- Every override there ever was. One is in force until its time, or until it was ended.
CREATE TABLE budget_overrides (
  seq      INTEGER PRIMARY KEY,
  project  TEXT NOT NULL,   -- '' is every project
  since    INTEGER NOT NULL,
  until    INTEGER NOT NULL,
  given_by TEXT NOT NULL,
  reason   TEXT NOT NULL,
  ended_at INTEGER,         -- before its time, or when the next one took its place
  ended_by TEXT
) STRICT;
CREATE UNIQUE INDEX budget_overrides_open ON budget_overrides (project) WHERE ended_at IS NULL;
