import type { TestProject } from 'vitest/node';
import { findServer, type ServerName, type ServerResult } from '../src/stack/find-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the servers are that tests need, or why one cannot be had and what to run. */
    servers: Record<ServerName, ServerResult>;
  }
}

/** Finds the servers once, before any test; a missing one is downloaded unless ANDON_NO_INSTALL is set. */
export async function setup(project: TestProject): Promise<void> {
  const forbidden = process.env.ANDON_NO_INSTALL ?? '';
  const options = {
    install: forbidden === '' || forbidden === '0',
    say: (line: string) => void process.stderr.write(`${line}\n`),
  };
  project.provide('servers', {
    prometheus: await findServer('prometheus', options),
    alertmanager: await findServer('alertmanager', options),
  });
}
