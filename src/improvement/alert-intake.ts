import type { Logger } from 'pino';
import type { ReceivedAlert, WebhookPayload } from '../domain/alert.ts';
import type { Proposal } from '../domain/improvement.ts';
import type { Store, UnsettledAlert } from '../domain/store.ts';
import type { AlertDeclaration } from '../monitoring/alert-declaration.ts';
import { type ImprovementTaskSettings, proposalFromAlert } from './proposal-from-alert.ts';

/** What came of an alert, as it is counted. */
export type IntakeResult =
  | 'created'
  | 'merged'
  | 'cooling'
  | 'muted'
  | 'no_proposal'
  | 'unknown_alert'
  | 'unusable';

export interface AlertIntakeOptions {
  store: Store;
  findAlert: (name: string) => AlertDeclaration | undefined;
  settings: ImprovementTaskSettings;
  cooldownSeconds: number;
  logger: Logger;
  onResult: (result: IntakeResult) => void;
}

/** What Alertmanager sends, in our words. */
export function receivedAlerts(payload: WebhookPayload): ReceivedAlert[] {
  return payload.alerts.map((alert) => ({
    fingerprint: alert.fingerprint,
    name: alert.labels.alertname ?? '',
    labels: alert.labels,
    annotations: alert.annotations,
    status: alert.status,
    starts_at: new Date(alert.startsAt).toISOString(),
    ends_at: alert.status === 'resolved' && alert.endsAt ? new Date(alert.endsAt).toISOString() : undefined,
  }));
}

/**
 * Works off alerts that were stored, after the webhook has answered. Each step can be done again: what a crash
 * interrupts is taken up at the next start.
 */
export class AlertIntake {
  readonly #options: AlertIntakeOptions;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(options: AlertIntakeOptions) {
    this.#options = options;
  }

  /** Works off what is there; resolves when nothing is left. Calls while it runs make it look once more. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #loop(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      let batch = await this.#options.store.alerts.listUnsettled(100);
      while (batch.length > 0) {
        for (const alert of batch) await this.#settle(alert);
        batch = await this.#options.store.alerts.listUnsettled(100);
      }
    }
  }

  async #settle(alert: UnsettledAlert): Promise<void> {
    const { store, logger, onResult } = this.#options;
    const result = await this.#propose(alert);
    await store.alerts.settle(alert.fingerprint, alert.revision);
    onResult(result);
    if (result === 'created')
      logger.info({ alert: alert.name, labels: alert.labels }, 'an improvement is proposed');
  }

  async #propose(alert: UnsettledAlert): Promise<IntakeResult> {
    const { store, findAlert, settings, cooldownSeconds, logger } = this.#options;
    const declaration = findAlert(alert.name);
    if (!declaration) return 'unknown_alert';
    let proposal: Proposal | undefined;
    try {
      proposal = proposalFromAlert(alert, declaration, settings);
    } catch (error) {
      // It is stored, and would fail again each time: it must not hold up those behind it.
      logger.error(
        { err: error, alert: alert.name, labels: alert.labels },
        'no proposal can be made of this alert',
      );
      return 'unusable';
    }
    if (!proposal) {
      if (declaration.improvement && alert.status === 'firing') {
        const why = `tasks of type ${settings.task_type} are improvements’ own (improvements.task.task_type)`;
        logger.info({ alert: alert.name, labels: alert.labels }, `nothing is proposed: ${why}`);
      }
      return 'no_proposal';
    }
    return (await store.improvements.propose(proposal, cooldownSeconds)).kind;
  }
}
