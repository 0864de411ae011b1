-- Holds on executors, and what an attempt changed in its work tree. Times are milliseconds since the epoch.

-- The last hold of each executor. It stays when it is over: how many there were in a row makes the next one longer.
CREATE TABLE executor_holds (
  executor   TEXT NOT NULL,
  runner     TEXT NOT NULL,   -- whom it is closed for; '' is a pause, for every runner
  reason     TEXT NOT NULL,
  since      INTEGER NOT NULL,
  over_at    INTEGER,         -- when a pause ends, or a closed one was opened; null: closed
  probe_from INTEGER,         -- from when on a probe opens a closed one; null: at once
  in_row     INTEGER NOT NULL,
  PRIMARY KEY (executor, runner)
) STRICT, WITHOUT ROWID;

ALTER TABLE attempts ADD COLUMN changes TEXT; -- WorkChanges as JSON
