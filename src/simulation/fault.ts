import type { ErrorClass } from '../domain/outcome.ts';
import type { WorkFilter } from './work.ts';

/** What goes otherwise than usual in the pipeline or around it while an incident lasts. */
export type Fault =
  /** No runner takes these tasks. */
  | { kind: 'unclaimed'; where: WorkFilter }
  /** One task gives no output any more, and nothing ends it. */
  | { kind: 'stuck'; where: WorkFilter }
  /** Attempts run into their time limit. */
  | { kind: 'hang'; where: WorkFilter }
  /** So large a share of the attempts fails so. */
  | { kind: 'fail'; where: WorkFilter; share: number; error_class: ErrorClass }
  /** So many times as many tasks come. */
  | { kind: 'arrivals'; where: WorkFilter; times: number }
  /** So many tasks come at once, at its beginning. */
  | { kind: 'batch'; where: WorkFilter; tasks: number }
  /** A task asks for a decision, and nobody answers. */
  | { kind: 'undecided'; where: WorkFilter }
  | { kind: 'runners_gone'; runners: readonly string[] }
  /** The login of an executor is refused. */
  | { kind: 'auth'; executor: string }
  /** An executor has met its limit, which ends with the fault. */
  | { kind: 'limit'; executor: string }
  | { kind: 'overload'; executor: string }
  /** Attempts use so many times the tokens, and cost it. */
  | { kind: 'dear'; where: WorkFilter; times: number }
  /** One attempt does. */
  | { kind: 'one_dear'; where: WorkFilter; times: number }
  /** Tasks come at once that cost so much within an hour, in times of what the docs call a spike. */
  | { kind: 'spree'; project: string; size: number }
  /** A budget is lowered, so that this share of it is spent. */
  | { kind: 'budget_lowered'; project: string; share: number }
  /** The price of a model is not known. */
  | { kind: 'unpriced'; where: WorkFilter }
  /** Attempts run on another model, which is new. */
  | { kind: 'other_model'; where: WorkFilter; model: string }
  | { kind: 'service_down' }
  | { kind: 'store_down' }
  /** A second replica, with a label of the operator's. */
  | { kind: 'replica' }
  | { kind: 'prometheus_away' }
  /** The service answers Alertmanager with errors. */
  | { kind: 'webhook_errors' }
  /** A runner cannot deliver its outcomes, though the service is there. */
  | { kind: 'undelivered_outcomes'; runner: string }
  | { kind: 'label_overflow' }
  | { kind: 'no_alertmanager' }
  | { kind: 'undelivered_messages' }
  | { kind: 'rules_fail' };

export type FaultKind = Fault['kind'];
export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** A fault from one minute of the simulation up to another. */
export interface TimedFault {
  fault: Fault;
  from: number;
  to: number;
}

/** The faults of a simulation, by minute. */
export interface Faults {
  active<K extends FaultKind>(kind: K, minute: number): FaultOf<K>[];
  /** Those that begin in this minute. */
  beginning<K extends FaultKind>(kind: K, minute: number): FaultOf<K>[];
  /** The first minute in which this one is over. */
  endOf(fault: Fault): number;
}

export function faultsOf(timed: readonly TimedFault[]): Faults {
  const byKind = Map.groupBy(timed, ({ fault }) => fault.kind);
  const endings = new Map(timed.map(({ fault, to }) => [fault, to]));
  const among = <K extends FaultKind>(kind: K, holds: (entry: TimedFault) => boolean): FaultOf<K>[] =>
    (byKind.get(kind) ?? [])
      .filter(holds)
      .map(({ fault }) => fault)
      .filter((fault): fault is FaultOf<K> => fault.kind === kind);
  return {
    active: (kind, minute) => among(kind, ({ from, to }) => from <= minute && minute < to),
    beginning: (kind, minute) => among(kind, ({ from }) => from === minute),
    endOf: (fault) => endings.get(fault) ?? Number.POSITIVE_INFINITY,
  };
}
