-- The whole Task and TaskMetric of the design. Times are milliseconds since the epoch.

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

CREATE TABLE tasks (
  id               TEXT PRIMARY KEY,
  request          TEXT NOT NULL, -- NewTask as JSON; a decision is added to its context
  request_digest   TEXT NOT NULL,
  status           TEXT NOT NULL,
  project          TEXT NOT NULL,
  task_type        TEXT NOT NULL,
  executor         TEXT NOT NULL,
  origin           TEXT NOT NULL,
  priority         INTEGER NOT NULL,
  attempt          INTEGER NOT NULL DEFAULT 0,
  attempts_spent   INTEGER NOT NULL DEFAULT 0,
  queued_at        INTEGER NOT NULL,
  not_before       INTEGER,
  started_at       INTEGER,
  finished_at      INTEGER,
  runner           TEXT,
  lease_expires_at INTEGER,
  progress_at      INTEGER,
  cancel_requested INTEGER NOT NULL DEFAULT 0,
  decision_prompt  TEXT,
  decision         TEXT,
  verdict          TEXT,
  error_class      TEXT,
  error_message    TEXT,
  branch           TEXT,
  pull_request     TEXT,
  log_tail         TEXT
) STRICT;
CREATE INDEX tasks_claimable ON tasks (priority DESC, queued_at, id) WHERE status = 'pending';
CREATE INDEX tasks_running ON tasks (lease_expires_at) WHERE status = 'running';
CREATE INDEX tasks_newest ON tasks (queued_at DESC, id DESC);
CREATE INDEX tasks_ended ON tasks (finished_at DESC, id DESC) WHERE status IN ('completed', 'failed', 'cancelled');
CREATE INDEX tasks_decisions ON tasks (queued_at, id) WHERE status = 'needs_decision';
CREATE INDEX tasks_counts ON tasks (project, task_type, status);

CREATE TABLE attempts (
  task_id       TEXT NOT NULL REFERENCES tasks (id),
  attempt       INTEGER NOT NULL,
  runner        TEXT NOT NULL,
  lease_token   TEXT NOT NULL,
  started_at    INTEGER NOT NULL,
  queue_seconds REAL NOT NULL,
  ended_at      INTEGER,          -- null: no outcome yet
  superseded    INTEGER NOT NULL DEFAULT 0,
  finish_digest TEXT,
  error_message TEXT,
  branch        TEXT,
  PRIMARY KEY (task_id, attempt)
) STRICT, WITHOUT ROWID;

-- One row an attempt, ours or a foreign runner's: `(task_id, attempt)` is counted once.
CREATE TABLE outcomes (
  seq             INTEGER PRIMARY KEY,
  task_id         TEXT NOT NULL,
  attempt         INTEGER NOT NULL,
  final           INTEGER NOT NULL,
  status          TEXT NOT NULL,
  error_class     TEXT,
  project         TEXT NOT NULL,
  task_type       TEXT NOT NULL,
  model           TEXT NOT NULL,
  executor        TEXT NOT NULL,
  variant         TEXT NOT NULL,  -- the label
  prompt_variant  TEXT,
  skill_version   TEXT,
  created_at      INTEGER NOT NULL,
  received_at     INTEGER NOT NULL,
  duration        REAL NOT NULL,
  duration_bucket INTEGER NOT NULL,
  usage_state     TEXT NOT NULL,
  input_uncached  INTEGER,
  cache_read      INTEGER,
  cache_write     INTEGER,
  output          INTEGER,
  api_calls       INTEGER,
  cost_usd        REAL,
  cost_source     TEXT NOT NULL,
  billing         TEXT NOT NULL,
  labels          TEXT NOT NULL,  -- bounded, as JSON
  metric          TEXT NOT NULL,  -- the whole TaskMetric as JSON
  UNIQUE (task_id, attempt)
) STRICT;
CREATE INDEX outcomes_window ON outcomes (created_at);

-- What was counted when. Nothing is ever changed or taken away here.
CREATE TABLE ledger (
  seq        INTEGER PRIMARY KEY,
  counted_at INTEGER NOT NULL,
  task_id    TEXT NOT NULL,
  attempt    INTEGER NOT NULL,
  increments TEXT NOT NULL        -- [[series, amount], …]
) STRICT;

-- The sums over the ledger, and since when each was served at 0.
CREATE TABLE series (
  id              INTEGER PRIMARY KEY,
  counter         TEXT NOT NULL,
  labels          TEXT NOT NULL,  -- JSON with sorted keys
  value           REAL NOT NULL DEFAULT 0,
  first_served_at INTEGER,
  released        INTEGER NOT NULL DEFAULT 0,
  UNIQUE (counter, labels)
) STRICT;
CREATE INDEX series_held ON series (id) WHERE released = 0;

CREATE TABLE label_values (
  label TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (label, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
  fingerprint      TEXT PRIMARY KEY,
  name             TEXT NOT NULL,
  labels           TEXT NOT NULL,
  annotations      TEXT NOT NULL,
  status           TEXT NOT NULL,
  starts_at        TEXT NOT NULL,
  ends_at          TEXT,
  received_at      INTEGER NOT NULL,
  deliveries       INTEGER NOT NULL,
  revision         INTEGER NOT NULL,
  settled_revision INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX alerts_unsettled ON alerts (received_at) WHERE settled_revision < revision;

CREATE TABLE alert_deliveries (
  seq         INTEGER PRIMARY KEY,
  received_at INTEGER NOT NULL,
  raw         TEXT NOT NULL
) STRICT;
CREATE INDEX alert_deliveries_age ON alert_deliveries (received_at);

CREATE TABLE improvements (
  id          TEXT PRIMARY KEY,
  identity    TEXT NOT NULL,
  kind        TEXT NOT NULL,
  state       TEXT NOT NULL,
  title       TEXT NOT NULL,
  alert       TEXT NOT NULL,
  subject     TEXT NOT NULL,
  evidence    TEXT NOT NULL,
  task        TEXT NOT NULL,
  task_id     TEXT REFERENCES tasks (id),
  proposed_at INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  decided_at  INTEGER,
  decided_by  TEXT,
  reason      TEXT,
  finished_at INTEGER,
  episodes_at_decision INTEGER
) STRICT;
-- Search-then-create has raced in every receiver that did it: this index decides.
CREATE UNIQUE INDEX improvements_open ON improvements (identity)
  WHERE state IN ('proposed', 'approved', 'scheduled');
CREATE INDEX improvements_newest ON improvements (proposed_at DESC, id DESC);
CREATE INDEX improvements_identity ON improvements (identity, proposed_at DESC);

-- Each time that an alert fired for an identity, once.
CREATE TABLE improvement_episodes (
  identity    TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  starts_at   TEXT NOT NULL,
  PRIMARY KEY (identity, fingerprint, starts_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE runners (
  runner      TEXT PRIMARY KEY,
  seen_at     INTEGER NOT NULL,
  metrics_url TEXT,
  left_at     INTEGER
) STRICT;
