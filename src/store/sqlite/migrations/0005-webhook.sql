-- What the webhook was sent, packed, and what the budget of proposals held back. Times are milliseconds since the epoch.

ALTER TABLE alert_deliveries RENAME TO alert_deliveries_as_text;
CREATE TABLE alert_deliveries (
  seq         INTEGER PRIMARY KEY,
  received_at INTEGER NOT NULL,
  alerts      INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,  -- of the body as it came
  gzipped     INTEGER NOT NULL,
  body        BLOB NOT NULL
) STRICT;
INSERT INTO alert_deliveries
SELECT seq, received_at, iif(json_valid(raw), coalesce(json_array_length(raw, '$.alerts'), 0), 0),
  length(CAST(raw AS BLOB)), 0, CAST(raw AS BLOB)
FROM alert_deliveries_as_text;
DROP TABLE alert_deliveries_as_text;
CREATE INDEX alert_deliveries_age ON alert_deliveries (received_at, seq);
INSERT INTO meta (key, value)
SELECT 'webhook_called_at', max(received_at) FROM alert_deliveries HAVING count(*) > 0;

CREATE INDEX alerts_firing ON alerts (starts_at) WHERE status = 'firing';
-- From an alert to what came of it.
CREATE INDEX improvement_episodes_alert ON improvement_episodes (fingerprint);

-- One row an identity that would have been proposed: until it is, or nobody hears of it any more.
CREATE TABLE improvements_held (
  identity    TEXT PRIMARY KEY,
  digest_id   TEXT NOT NULL REFERENCES improvements (id),
  held_at     INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  alert       TEXT NOT NULL,
  project     TEXT,              -- of its subject
  calls       INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,     -- of the alert that came last
  title       TEXT NOT NULL,
  subject     TEXT NOT NULL,
  evidence    TEXT NOT NULL
) STRICT;
CREATE INDEX improvements_held_listed ON improvements_held (digest_id, held_at, identity);
-- What a digest shows of thousands, without reading them.
CREATE INDEX improvements_held_totals ON improvements_held (digest_id, alert, project, calls);
