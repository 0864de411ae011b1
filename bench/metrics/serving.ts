import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from '../../src/stack/free-port.ts';
import { startAndon } from '../../test/andon-process.ts';
import { ready } from '../../test/until.ts';

/** A process that answers the contract, at `url`. */
export interface Serving {
  url: string;
  stop(): Promise<void>;
}

/** `andon service` on a folder that has its store. */
export async function startService(folder: string): Promise<Serving> {
  const port = await freePort(18_700);
  const config = join(folder, 'andon.yaml');
  writeFileSync(config, stringify({ data_dir: folder, log_level: 'error', service: { port } }));
  const service = startAndon(['service', '--config', config]);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => void (await service.terminate());
  try {
    await ready(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The peer, on a file of JSON lines. */
export async function startPeer(jsonl: string): Promise<Serving> {
  const script = join(import.meta.dirname, 'jsonl-server.ts');
  const child = spawn(process.execPath, [script, jsonl], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const [port] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [])]);
  if (port === undefined) throw new Error('the peer has ended before it served');
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
