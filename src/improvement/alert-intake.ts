import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { UnsettledAlert } from '../domain/alert-store.ts';
import { AppError } from '../domain/errors.ts';
import type { Proposal, ProposalRules, ProposeResult } from '../domain/improvement.ts';
import type { Store } from '../domain/store.ts';
import type { AlertDeclaration } from '../monitoring/alert-declaration.ts';
import type { ImprovementTaskSettings } from './improvement-task.ts';
import { declarationOf } from './our-alert.ts';
import { proposalFromAlert } from './proposal-from-alert.ts';

/** What can come of an alert, as it is counted. */
export const intakeResults = [
  'created',
  'merged',
  'cooling',
  'muted',
  'held_back',
  'no_proposal',
  'unknown_alert',
  'unusable',
] as const;
export type IntakeResult = (typeof intakeResults)[number];

export interface AlertIntakeOptions {
  store: Store;
  findAlert: (name: string) => AlertDeclaration | undefined;
  settings: ImprovementTaskSettings;
  rules: ProposalRules;
  logger: Logger;
  onResult: (result: IntakeResult) => void;
}

/** How many alerts are worked off in one step: few enough that a request in between does not wait long. */
const batchSize = 200;
/** How long a call waits for others before it is worked off, in milliseconds: in a storm each alert may be one. */
const gatherFor = 50;

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
      await sleep(gatherFor);
      this.#again = false;
      for (;;) {
        // The store may never wait for anything: others get their turn here.
        await nextTurn();
        const batch = await this.#options.store.alerts.listUnsettled(batchSize);
        if (batch.length === 0) break;
        await this.#workOff(batch);
      }
    }
  }

  async #workOff(batch: UnsettledAlert[]): Promise<void> {
    const { store, onResult } = this.#options;
    const decided = batch.map((alert) => ({ alert, decision: this.#decide(alert) }));
    const proposed = decided.flatMap(({ alert, decision }) =>
      typeof decision === 'object' ? [{ alert, proposal: decision }] : [],
    );
    const results = await this.#propose(proposed);
    await store.alerts.settle(batch);
    for (const { decision } of decided) if (typeof decision === 'string') onResult(decision);
    for (const result of results) onResult(result);
  }

  /** The proposal that an alert makes, or why it makes none. */
  #decide(alert: UnsettledAlert): Proposal | IntakeResult {
    const { findAlert, settings, logger } = this.#options;
    const declaration = declarationOf(alert, findAlert);
    if (!declaration) return 'unknown_alert';
    try {
      const proposal = proposalFromAlert(alert, declaration, settings);
      if (proposal) return proposal;
    } catch (error) {
      return this.#unusable(alert, error);
    }
    if (declaration.improvement && alert.status === 'firing') {
      const why = `tasks of type ${settings.task_type} are improvements’ own (improvements.task.task_type)`;
      logger.info({ alert: alert.name, labels: alert.labels }, `nothing is proposed: ${why}`);
    }
    return 'no_proposal';
  }

  async #propose(proposed: { alert: UnsettledAlert; proposal: Proposal }[]): Promise<IntakeResult[]> {
    const { store, rules } = this.#options;
    if (proposed.length === 0) return [];
    try {
      const results = await store.improvements.propose(
        proposed.map(({ proposal }) => proposal),
        rules,
      );
      this.#tell(proposed, results);
      return results.map(({ kind }) => kind);
    } catch (error) {
      if (error instanceof AppError) throw error;
      const [first, ...others] = proposed;
      if (first && others.length === 0) return [this.#unusable(first.alert, error)];
      // One of them cannot be stored: the others are not to wait for it.
      const results: IntakeResult[] = [];
      for (const one of proposed) results.push(...(await this.#propose([one])));
      return results;
    }
  }

  #tell(proposed: { proposal: Proposal }[], results: ProposeResult[]): void {
    const { logger } = this.#options;
    results.forEach((result, index) => {
      const { title, alert, subject } = proposed[index]?.proposal ?? {};
      if (result.kind === 'created') logger.info({ title, alert, subject }, 'an improvement is proposed');
    });
    const held = results.filter(({ kind }) => kind === 'held_back').length;
    if (held > 0) logger.info({ held_back: held }, 'the budget of proposals is spent: see the digest');
  }

  /** It is stored, and would fail again each time: it must not hold up those behind it. */
  #unusable({ name, labels }: UnsettledAlert, error: unknown): IntakeResult {
    this.#options.logger.error({ err: error, alert: name, labels }, 'no proposal can be made of this alert');
    return 'unusable';
  }
}
