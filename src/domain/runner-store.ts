import type { RunnerAsks } from './runner-asks.ts';

export interface RunnerSeen {
  runner: string;
  seen_at: number;
  metrics_url?: string;
  /** Of its last claim; undefined if it has made none. */
  asks?: RunnerAsks;
}

export interface RunnerStore {
  /** A runner is heard of. What it does not say now stays as it said it last. */
  see(runner: string, says?: Pick<RunnerSeen, 'metrics_url' | 'asks'>): Promise<void>;
  /** Runners seen since this time (milliseconds) that have not left. */
  list(since: number): Promise<RunnerSeen[]>;
  leave(runner: string): Promise<void>;
}
