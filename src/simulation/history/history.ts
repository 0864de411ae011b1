import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { AppError } from '../../domain/errors.ts';
import type { FoundServer } from '../../stack/find-server.ts';
import { startPrometheus } from '../../stack/prometheus.ts';
import { runProgram } from '../../stack/run-program.ts';
import type { Series } from '../series-table.ts';
import { type Span, writeOpenMetrics } from './open-metrics.ts';

/** A Prometheus that knows a past. */
export interface History {
  url: string;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

export interface HistoryOptions {
  server: FoundServer;
  series: readonly Series[];
  replica: readonly Span[];
  /** For how long a sample stands for what comes after it, as a Prometheus duration. */
  lookback?: string;
  say: (line: string) => void;
}

/** More than a month, so that all of it is one block: many small ones take promtool minutes. */
const blockDuration = '768h';
/** Longer than the gaps between samples, shorter than what would hide that a series has gone. */
const usualLookback = '150s';

/** Puts the samples into a Prometheus of its own. @throws AppError `unavailable` if that cannot be done */
export async function startHistory(options: HistoryOptions): Promise<History> {
  const { lookback = usualLookback } = options;
  const folder = await mkdtemp(join(tmpdir(), 'andon-simulation-'));
  try {
    await createBlocks(folder, options);
    const server = await startPrometheus({
      server: options.server,
      port: 0,
      dataDir: folder,
      config: () => stringify({ global: {} }),
      // The samples are of another year.
      retention: '100y',
      flags: [`--query.lookback-delta=${lookback}`, '--query.timeout=10m'],
      say: options.say,
    });
    return {
      url: server.url,
      close: async () => {
        await server.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function createBlocks(folder: string, { server, series, replica }: HistoryOptions): Promise<void> {
  if (!server.tool) throw new AppError('unavailable', 'promtool, which comes with Prometheus, is missing');
  const file = join(folder, 'samples.om');
  const tsdb = join(folder, 'tsdb');
  await mkdir(tsdb, { recursive: true });
  await writeOpenMetrics({ file, series, replica });
  const args = ['tsdb', 'create-blocks-from', 'openmetrics', `--max-block-duration=${blockDuration}`];
  const { code, output } = await runProgram(server.tool, [...args, file, tsdb], { timeoutSeconds: 600 });
  if (code !== 0) throw new AppError('unavailable', `promtool could not take the samples:\n${output}`);
  await rm(file);
}
