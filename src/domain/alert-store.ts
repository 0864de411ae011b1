import type { AlertDelivery, DeliverySummary, FiringAlert, StoredAlert } from './alert.ts';
import type { Page } from './page.ts';

/** An alert that has changed since its last `settle`. */
export interface UnsettledAlert extends StoredAlert {
  revision: number;
}

export interface AlertQuery {
  status?: StoredAlert['status'];
  limit: number;
  cursor?: string;
}

/** Whether the webhook is called and worked off; times in milliseconds. */
export interface WebhookState {
  unsettled: number;
  /** When it was last called; absent if it never was. */
  last_call?: number;
}

export interface AlertStore {
  /** Keeps the call as it came, and brings its alerts up to date. */
  receive(delivery: AlertDelivery): Promise<void>;
  /** Received last comes first. */
  list(query: AlertQuery): Promise<Page<StoredAlert>>;
  /**
   * What fires now: ours first, then by severity, then what began first; each with the latest improvement that came
   * of it, or the digest that lists it.
   */
  listFiring(limit: number): Promise<{ total: number; alerts: FiringAlert[] }>;
  /** Received first comes first. */
  listUnsettled(limit: number): Promise<UnsettledAlert[]>;
  /** Each has been worked off as it was at this revision; a later change keeps it unsettled. */
  settle(alerts: Pick<UnsettledAlert, 'fingerprint' | 'revision'>[]): Promise<void>;
  webhookState(): Promise<WebhookState>;
  /** The calls that are kept, last first. */
  listDeliveries(query: { limit: number; cursor?: string }): Promise<Page<DeliverySummary>>;
  /** The body of a call as it came. */
  findDelivery(id: string): Promise<string | undefined>;
  /**
   * Takes away what is past its time: calls, and alerts, worked off, that no call has told of; what was held back and
   * is in no open digest. Answers how many calls.
   */
  forget(retentionSeconds: number): Promise<number>;
}
