import type { Logger } from 'pino';
import { messageOf } from '../domain/errors.ts';
import type { ExecutorHold } from '../domain/executor-hold.ts';
import type { Executor, Probe } from '../executors/executor.ts';
import { backoffDelay } from './backoff.ts';

/** Finds out when executors that a fault of the set-up has closed can be opened again. */
export interface ExecutorProbes {
  /** Takes in what the service said is held, with the answer to a claim that said `sent`. */
  update(held: readonly ExecutorHold[], sent: readonly string[]): void;
  /** Begins the probes whose time has come. */
  begin(): void;
  /** The closed executors whose probe has passed. */
  passed(): string[];
  /** A task of this executor came to an end that was not the set-up's fault: its next fault begins a new back-off. */
  works(executor: string): void;
}

export interface ExecutorProbesOptions {
  executors: ReadonlyMap<string, Executor>;
  env: NodeJS.ProcessEnv;
  /** Milliseconds that only ever go forward. */
  monotonic: () => number;
  random: () => number;
  /** A probe has passed. */
  onPass: () => void;
  logger: Logger;
}

interface Closed {
  /** The error class, and the CLI's own words behind it. */
  reason: string;
  /** Probes so far since the executor last worked: one that passes proves little. */
  tries: number;
  closed: boolean;
  probing: boolean;
  passed: boolean;
  dueAt: number;
}

const first = 10_000;
const longest = 600_000;

export function createExecutorProbes(options: ExecutorProbesOptions): ExecutorProbes {
  const known = new Map<string, Closed>();
  const nextProbe = (tries: number) =>
    options.monotonic() + backoffDelay(tries + 1, { first, longest, random: options.random });
  const close = ({ executor: name, reason }: ExecutorHold) => {
    const before = known.get(name);
    if (before?.closed) {
      // A run that was under way may have met another fault since.
      before.reason = reason;
      return;
    }
    if (!options.executors.has(name)) return;
    const tries = before?.tries ?? 0;
    known.set(name, { reason, tries, closed: true, probing: false, passed: false, dueAt: nextProbe(tries) });
  };
  return {
    update(held, sent) {
      const holds = held.filter(({ state }) => state === 'closed');
      const closed = new Set(holds.map(({ executor }) => executor));
      for (const [name, entry] of known) {
        // Told, and still closed: what it failed by then has not passed since.
        if (sent.includes(name)) entry.passed = false;
        if (!closed.has(name) || sent.includes(name)) entry.closed = false;
      }
      for (const hold of holds) close(hold);
    },
    begin() {
      for (const [name, entry] of known) {
        const due = entry.closed && !entry.passed && !entry.probing && options.monotonic() >= entry.dueAt;
        const executor = options.executors.get(name);
        if (due && executor) void probe(options, executor, entry, nextProbe);
      }
    },
    passed: () => [...known].flatMap(([name, entry]) => (entry.closed && entry.passed ? [name] : [])),
    works: (executor) => {
      if (!known.get(executor)?.closed) known.delete(executor);
    },
  };
}

async function probe(
  { env, logger, onPass }: ExecutorProbesOptions,
  executor: Executor,
  entry: Closed,
  nextProbe: (tries: number) => number,
): Promise<void> {
  entry.probing = true;
  const result = await executor
    .probe(env)
    .catch((error): Probe => ({ found: false, advice: messageOf(error) }));
  entry.probing = false;
  entry.tries += 1;
  // A program without a login is a good one again, but for what its login had closed.
  if (result.found && !(result.advice && entry.reason.startsWith('auth'))) {
    entry.passed = true;
    logger.info(`executor ${executor.name}: its probe passes, it can be opened again`);
    onPass();
    return;
  }
  entry.dueAt = nextProbe(entry.tries);
  logger.warn(`executor ${executor.name} stays closed: ${result.advice}`);
}
