import type { ErrorClass } from '../../domain/outcome.ts';
import type { Fault, Faults } from '../fault.ts';
import type { Random } from '../random.ts';
import type { SeriesTable } from '../series-table.ts';
import type { Work } from '../work.ts';

/** What an attempt will come to, if nothing comes in between. */
export type Ending = 'completed' | 'needs_decision' | ErrorClass;

export interface SimulatedTask {
  work: Work;
  queued_at: number;
  /** It may not run before this minute. */
  not_before: number;
  /** Attempts that count against the two that it has. */
  spent: number;
  /** Why each of its attempts costs so much, and how much. */
  spree?: { fault: Fault; usd: number };
}

export interface Attempt {
  task: SimulatedTask;
  runner: string;
  started_at: number;
  ends_at: number;
  ending: Ending;
  progress_at: number;
  /** Why it gives no output and does not end. */
  stuck?: Fault;
}

export interface SimulatedRunner {
  id: string;
  alive: boolean;
  /** Its last word to the service. */
  heard_at: number;
  /** Why an executor is closed for it. */
  closed: Map<string, ErrorClass>;
}

/** A task that waits for a person. */
export interface OpenDecision {
  task: SimulatedTask;
  asked_at: number;
  answered_at: number;
}

/** A provider's limit, which pauses an executor for every runner. */
export interface Pause {
  reason: ErrorClass;
  until: number;
  /** How many there were in a row. */
  in_row: number;
}

export interface Account {
  total: number;
  /** What it was in each minute. */
  totals: Float64Array;
}

/** Everything that the simulated pipeline is made of; times are minutes of the simulation. */
export interface PipelineState {
  table: SeriesTable;
  faults: Faults;
  random: Random;
  minute: number;
  queue: SimulatedTask[];
  attempts: Attempt[];
  runners: SimulatedRunner[];
  decisions: OpenDecision[];
  /** Those that were answered. */
  answered: OpenDecision[];
  pauses: Map<string, Pause>;
  /** What was paid, by project. */
  paid: Map<string, Account>;
  /** What was used in each hour, in US dollars; under a subscription what it would have cost. By project. */
  hourly: Map<string, Float64Array>;
  /** The factor by which costs have drifted, by project. */
  drift: Map<string, number>;
  /** In which minutes an attempt or a task was hit by a fault. */
  hits: Map<Fault, number[]>;
  /** The faults about one attempt that have had theirs. */
  dearOnce: Set<object>;
  /** What a budget was lowered to, by project. */
  lowered: Map<string, number>;
}

export const runnerIds = ['r1', 'r2'] as const;
export const workersPerRunner = 3;
export const maxAttempts = 2;
/** The time limit of an attempt, in minutes. */
export const timeLimit = 60;

export function newState(table: SeriesTable, faults: Faults, random: Random): PipelineState {
  return {
    table,
    faults,
    random,
    minute: 0,
    queue: [],
    attempts: [],
    runners: runnerIds.map((id) => ({ id, alive: true, heard_at: 0, closed: new Map() })),
    decisions: [],
    answered: [],
    pauses: new Map(),
    paid: new Map(),
    hourly: new Map(),
    hits: new Map(),
    drift: new Map(),
    dearOnce: new Set(),
    lowered: new Map(),
  };
}

export function pausedFor({ pauses, minute }: PipelineState, executor: string): ErrorClass | undefined {
  const pause = pauses.get(executor);
  return pause && pause.until > minute ? pause.reason : undefined;
}

/** Notes that something has met with a fault, and answers the fault. */
export function hit<F extends Fault | undefined>({ hits, minute }: PipelineState, fault: F): F {
  if (!fault) return fault;
  const minutes = hits.get(fault) ?? [];
  hits.set(fault, minutes);
  minutes.push(minute);
  return fault;
}
