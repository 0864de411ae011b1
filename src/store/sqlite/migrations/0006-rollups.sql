-- Roll-ups of outcomes, so that a question costs the same however long the history is. Times and lengths are in
-- milliseconds. What was there before is rolled up by code, in the same transaction (`rollup-fill.ts`).

-- Each label set and each kind that there ever was, as a JSON array: the roll-ups have their numbers.
CREATE TABLE outcome_label_sets (
  id  INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE outcome_kinds (
  id  INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;

-- How often a period was written: what was read of it is good until then, in every process.
CREATE TABLE rollup_periods (
  length  INTEGER NOT NULL, -- of an hour or a day
  start   INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (length, start)
) STRICT, WITHOUT ROWID;

-- What the outcomes of one label set that ended in a period come to. Not without rowid: blobs of a day are too long
-- for the pages of an index.
CREATE TABLE rollups (
  length    INTEGER NOT NULL,
  start     INTEGER NOT NULL,
  label_set INTEGER NOT NULL,
  cells     BLOB NOT NULL,  -- as `stats/cell-codec.ts` encodes them
  PRIMARY KEY (length, start, label_set)
) STRICT;
