import type {
  AlertDelivery,
  DeliverySummary,
  FiringAlert,
  ReceivedAlert,
  StoredAlert,
} from '../../domain/alert.ts';
import { episodeAfter } from '../../domain/alert-episode.ts';
import type { AlertQuery, AlertStore, UnsettledAlert, WebhookState } from '../../domain/alert-store.ts';
import { decodeCursor, type Page, pageOf } from '../../domain/page.ts';
import { alertComponent } from '../../telemetry/names.ts';
import { bodyOf, keepDelivery, listDeliveries, type PackedBody, packBody } from './alert-delivery.ts';
import { stringMap } from './counter-store.ts';
import { json, type SqliteDatabase, type Step } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { forgetHeldBack } from './held-back.ts';
import { improvementOfAlert } from './improvement-row.ts';
import { mark } from './lifetime.ts';
import { maybeNumber, maybeText, number, type Row, text } from './row.ts';

export class SqliteAlertStore implements AlertStore {
  readonly #db: SqliteDatabase;
  /** In a storm each alert may be a call of its own. */
  readonly #received: GroupCommit<{ packed: PackedBody; alerts: ReceivedAlert[] }>;

  constructor(db: SqliteDatabase) {
    this.#db = db;
    this.#received = new GroupCommit(db, (step, { packed, alerts }) => {
      keepDelivery(step, packed, alerts.length);
      mark(step, 'webhook_called_at');
      for (const alert of alerts) take(step, alert);
    });
  }

  async receive({ raw, alerts }: AlertDelivery): Promise<void> {
    await this.#received.add({ packed: await packBody(raw), alerts });
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

  async listFiring(limit: number): Promise<{ total: number; alerts: FiringAlert[] }> {
    return this.#db.read((step) => ({
      total: number(step.get(`SELECT count(*) AS n FROM alerts WHERE status = 'firing'`)?.n),
      alerts: firing(step, limit),
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

  async settle(alerts: Pick<UnsettledAlert, 'fingerprint' | 'revision'>[]): Promise<void> {
    await this.#db.write((step) => {
      for (const { fingerprint, revision } of alerts) {
        step.run(
          `UPDATE alerts SET settled_revision = max(settled_revision, $revision) WHERE fingerprint = $fingerprint`,
          { fingerprint, revision },
        );
      }
    });
  }

  async webhookState(): Promise<WebhookState> {
    return this.#db.read((step) => ({
      unsettled: number(step.get(`SELECT count(*) AS n FROM alerts WHERE settled_revision < revision`)?.n),
      last_call: maybeNumber(step.get(`SELECT value FROM meta WHERE key = 'webhook_called_at'`)?.value),
    }));
  }

  async listDeliveries(query: { limit: number; cursor?: string }): Promise<Page<DeliverySummary>> {
    return this.#db.read((step) => listDeliveries(step, query));
  }

  async findDelivery(id: string): Promise<string | undefined> {
    const row = await this.#db.read((step) =>
      step.get(`SELECT * FROM alert_deliveries WHERE seq = $seq`, { seq: Number(id) }),
    );
    return row && bodyOf(row);
  }

  async forget(retentionSeconds: number): Promise<number> {
    return this.#db.write((step) => {
      const before = step.now - retentionSeconds * 1000;
      forgetHeldBack(step, before);
      step.run(`DELETE FROM alerts WHERE received_at < $before AND settled_revision >= revision`, { before });
      return step.run(`DELETE FROM alert_deliveries WHERE received_at < $before`, { before });
    });
  }
}

/** Brings an alert up to date; what says nothing new changes nothing, and is not worked off again. */
function take(step: Step, alert: ReceivedAlert): void {
  const { fingerprint, name, labels, annotations } = alert;
  const known = step.get(`SELECT * FROM alerts WHERE fingerprint = $fingerprint`, { fingerprint });
  const episode = episodeAfter(known && alertOf(known), alert, step.now);
  if (!episode) return;
  step.run(
    `INSERT INTO alerts (fingerprint, name, labels, annotations, status, starts_at, ends_at, received_at, deliveries,
       revision)
     VALUES ($fingerprint, $name, $labels, $annotations, $status, $starts_at, $ends_at, $now, $deliveries, 1)
     ON CONFLICT (fingerprint) DO UPDATE SET
       name = excluded.name, labels = excluded.labels, annotations = excluded.annotations, status = excluded.status,
       starts_at = excluded.starts_at, ends_at = excluded.ends_at, received_at = excluded.received_at,
       deliveries = excluded.deliveries, revision = alerts.revision + 1`,
    {
      fingerprint,
      name,
      labels: JSON.stringify(labels),
      annotations: JSON.stringify(annotations),
      status: episode.status,
      starts_at: episode.starts_at,
      ends_at: episode.ends_at,
      deliveries: episode.deliveries,
      now: step.now,
    },
  );
}

function firing(step: Step, limit: number): FiringAlert[] {
  const rows = step.all(
    `SELECT * FROM alerts WHERE status = 'firing'
     ORDER BY coalesce(labels ->> 'component' = $ours, 0) DESC,
       CASE labels ->> 'severity' WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 WHEN 'info' THEN 2 ELSE 3 END,
       starts_at, fingerprint
     LIMIT $limit`,
    { ours: alertComponent, limit },
  );
  return rows.map((row) => {
    const alert = alertOf(row);
    return { ...alert, improvement: improvementOfAlert(step, alert.fingerprint) };
  });
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
