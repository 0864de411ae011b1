import type { ChildProcess } from 'node:child_process';
import { signalGroup } from '../runner/group-signal.ts';

/** What ends a command from outside. */
const relayed = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** What a terminal sends to all of its foreground group by itself. */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

export interface SignalRelay {
  /** The last signal that we were sent. */
  readonly received: NodeJS.Signals | undefined;
  /** Sends the child one of ours. */
  send(signal: NodeJS.Signals): void;
  stop(): void;
}

/**
 * Sends a child what we are sent: its whole group if that is its own, else the child alone, without what the terminal
 * has sent it already. `onLate` is told of what comes after the child has exited.
 */
export function relaySignals(
  child: ChildProcess,
  options: { pid: number; shareGroup: boolean; onLate: () => void },
): SignalRelay {
  let received: NodeJS.Signals | undefined;
  const send = (signal: NodeJS.Signals) => {
    if (options.shareGroup) child.kill(signal);
    else signalGroup(options.pid, signal);
  };
  const relay = (signal: NodeJS.Signals) => {
    received = signal;
    if (child.exitCode !== null || child.signalCode !== null) options.onLate();
    else if (!options.shareGroup || !fromTerminal.includes(signal)) send(signal);
  };
  for (const signal of relayed) process.on(signal, relay);
  return {
    get received() {
      return received;
    },
    send,
    stop() {
      for (const signal of relayed) process.off(signal, relay);
    },
  };
}

/** Lets no signal end this process while something is done that must not be lost; it is short. */
export async function sheltered<T>(work: () => Promise<T>): Promise<T> {
  const ignore = () => {};
  for (const signal of relayed) process.on(signal, ignore);
  try {
    return await work();
  } finally {
    for (const signal of relayed) process.off(signal, ignore);
  }
}
