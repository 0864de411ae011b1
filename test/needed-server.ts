import { inject } from 'vitest';
import type { FoundServer, ServerName } from '../src/stack/find-server.ts';

/** A server that a test cannot do without: without it the test fails, and says what to run. */
export function neededServer(name: ServerName): FoundServer & { tool: string } {
  const server = inject('servers')[name];
  if (!server.found) throw new Error(`${server.reason} Run: ${server.command}`);
  if (!server.tool) throw new Error(`${server.path} is there, but not the tool that comes with it`);
  return { ...server, tool: server.tool };
}
