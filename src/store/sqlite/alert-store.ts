import type { AlertDelivery, ReceivedAlert, StoredAlert } from '../../domain/alert.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import type { AlertQuery, AlertStore, UnsettledAlert } from '../../domain/store.ts';
import { stringMap } from './counter-store.ts';
import { json, type SqliteDatabase, type Step } from './database.ts';
import { maybeText, number, type Row, text } from './row.ts';

/** How long the raw payloads are kept. */
const keepRaw = 30 * 24 * 3600 * 1000;

export class SqliteAlertStore implements AlertStore {
  readonly #db: SqliteDatabase;

  constructor(db: SqliteDatabase) {
    this.#db = db;
  }

  async receive(delivery: AlertDelivery): Promise<void> {
    await this.#db.write((step) => {
      step.run(`INSERT INTO alert_deliveries (received_at, raw) VALUES ($now, $raw)`, {
        now: step.now,
        raw: delivery.raw,
      });
      step.run(`DELETE FROM alert_deliveries WHERE received_at < $before`, { before: step.now - keepRaw });
      for (const alert of delivery.alerts) take(step, alert);
    });
  }

  async list({ status, limit, cursor }: AlertQuery): Promise<Page<StoredAlert>> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = await this.#db.read((step) =>
      step.all(
        `SELECT * FROM alerts
         WHERE ($at IS NULL OR (received_at, fingerprint) < ($at, $fingerprint))
           AND ($status IS NULL OR status = $status)
         ORDER BY received_at DESC, fingerprint DESC LIMIT $rows`,
        { at: after?.at, fingerprint: after?.id, status, rows: limit + 1 },
      ),
    );
    return pageOf(rows.map(alertOf), limit, (alert) => ({
      at: Date.parse(alert.received_at),
      id: alert.fingerprint,
    }));
  }

  async listUnsettled(limit: number): Promise<UnsettledAlert[]> {
    const rows = await this.#db.read((step) =>
      step.all(`SELECT * FROM alerts WHERE settled_revision < revision ORDER BY received_at LIMIT $limit`, {
        limit,
      }),
    );
    return rows.map((row) => ({ ...alertOf(row), revision: number(row.revision) }));
  }

  async settle(fingerprint: string, revision: number): Promise<void> {
    await this.#db.write((step) =>
      step.run(
        `UPDATE alerts SET settled_revision = max(settled_revision, $revision) WHERE fingerprint = $fingerprint`,
        { fingerprint, revision },
      ),
    );
  }
}

/**
 * Brings an alert up to date. What is late changes nothing: an episode that ended before this one, or `firing` after
 * this one was resolved. A start that moves back while it fires is the same episode: of two Alertmanagers each may
 * know another. A `resolved` for what never fired is kept, and proposes nothing.
 */
function take(step: Step, alert: ReceivedAlert): void {
  step.run(
    `INSERT INTO alerts (fingerprint, name, labels, annotations, status, starts_at, ends_at, received_at, deliveries,
       revision)
     VALUES ($fingerprint, $name, $labels, $annotations, $status, $starts_at, $ends_at, $now, $fired, 1)
     ON CONFLICT (fingerprint) DO UPDATE SET
       labels = excluded.labels, annotations = excluded.annotations, status = excluded.status,
       ends_at = excluded.ends_at, received_at = excluded.received_at,
       deliveries = iif(excluded.starts_at <= alerts.starts_at, alerts.deliveries, 0) + $fired,
       starts_at = excluded.starts_at, revision = alerts.revision + 1
     WHERE excluded.starts_at > alerts.starts_at
        OR (excluded.starts_at = alerts.starts_at AND NOT (alerts.status = 'resolved' AND excluded.status = 'firing'))
        OR (excluded.starts_at < alerts.starts_at AND alerts.status = 'firing'
            AND (excluded.status = 'firing' OR excluded.ends_at > alerts.starts_at))`,
    {
      fingerprint: alert.fingerprint,
      name: alert.name,
      labels: JSON.stringify(alert.labels),
      annotations: JSON.stringify(alert.annotations),
      status: alert.status,
      starts_at: alert.starts_at,
      ends_at: alert.ends_at,
      now: step.now,
      fired: alert.status === 'firing' ? 1 : 0,
    },
  );
}

function alertOf(row: Row): StoredAlert {
  return {
    fingerprint: text(row.fingerprint),
    name: text(row.name),
    labels: stringMap(json(row.labels)),
    annotations: stringMap(json(row.annotations)),
    status: row.status === 'firing' ? 'firing' : 'resolved',
    starts_at: text(row.starts_at),
    ends_at: maybeText(row.ends_at),
    received_at: new Date(number(row.received_at)).toISOString(),
    deliveries: number(row.deliveries),
  };
}
