import { expect, it } from 'vitest';
import { readFixture } from '../executors/agent-fixture.ts';
import { type Cli, type Pipeline, pipeline } from './pipeline-under-test.ts';

type Tokens = [input_uncached: number, cache_read: number, cache_write: number, output: number];

interface Told {
  /** Absent where the CLI told none. */
  tokens?: Tokens;
  /** As the API shows it; absent where nobody knows it. */
  cost?: number;
  /** The cost in the log: what the CLI itself said. */
  said: string;
}

const notTold = 'not told by the CLI';

/** What runs of these versions printed, and what has to be known of them afterwards. */
const runs: Record<string, Told> = {
  'claude-code/2.1-success.jsonl': { tokens: [2, 15410, 13628, 13], cost: 0.1443, said: '$0.1443' },
  'claude-code/2.1-subagents.jsonl': { tokens: [310, 100, 7, 420], cost: 0.5, said: '$0.5' },
  'codex/0.46-success.jsonl': { tokens: [315, 24448, 0, 122], said: notTold },
  'codex/0.142-cache-write.jsonl': { tokens: [16653, 3456, 1000, 311], said: notTold },
  'codex/0.142-no-usage.jsonl': { said: 'unpriced' },
  // At $1.75, $0.175 and $14 for a million.
  'cursor/2026.02-success.jsonl': { tokens: [12983, 5957, 0, 96], cost: 0.025107, said: notTold },
  'cursor/2026.02-auto.jsonl': { tokens: [12983, 5957, 0, 96], said: notTold },
  'cursor/2025.10-no-usage.jsonl': { said: 'unpriced' },
  // $1.25, $0.125 and $10 for pro, $0.30 and $2.50 for flash.
  'gemini/0.56-success.jsonl': { tokens: [12965, 20939, 0, 242], cost: 0.012217, said: notTold },
  'opencode/1.17-success.jsonl': { tokens: [3, 0, 8076, 7], cost: 0.030399, said: '$0.030399' },
  'opencode/1.18-reasoning-unpriced.jsonl': { tokens: [8072, 7900, 0, 67], said: notTold },
};

/** The fixture's name as a project, so that its figures can be asked for alone. */
const projectOf = (file: string) => file.replaceAll('/', ' ');

it('each CLI’s output is in the log byte for byte, and what it used is known, once', async () => {
  const under = await pipeline();
  await Promise.all(
    Object.entries(runs).map(async ([file, told]) => {
      const id = await under.queue(
        file.split('/')[0] as Cli,
        { FIXTURE: file },
        { project: projectOf(file) },
      );
      const { status, attempts } = await under.attempted(id);
      expect({ status, cost: attempts[0]?.cost_usd?.toFixed(6) }, file).toEqual({
        status: 'completed',
        cost: told.cost?.toFixed(6),
      });
      const log = await under.logOf(id);
      const [header = ''] = log.split('\n');
      expect(header).toMatch(/^# attempt=1 started_at=\S+ executor=\S+ runner=r1$/);
      const footer = `# tokens: ${tokensInLog(told)}; cost: ${told.said}\n# duration_seconds=`;
      expect(log.slice(header.length + 1)).toContain(`${readFixture(file)}${footer}`);
      expect(log).toMatch(/ exit=0 status=completed\n$/);
      // From a byte on: all but the header.
      expect(await under.logOf(id, Buffer.byteLength(header))).toBe(log.slice(header.length));
      expect(await usageOf(under, file), file).toEqual(expectedUsage(told));
    }),
  );
  const { usage, success_rate } = await under.summary();
  expect(success_rate).toMatchObject({ completed: 11, failed: 0, rate: 1 });
  expect(usage).toMatchObject({ unpriced_attempts: 6, attempts_without_usage: 2 });
});

it('what nobody knows the price of is counted as unpriced, and nowhere as 0', async () => {
  const under = await pipeline();
  const id = await under.queue('cursor', { FIXTURE: 'cursor/2025.10-no-usage.jsonl' });
  await under.attempted(id);
  const exposition = async () => (await under.service.get('/metrics')).text;
  // New series are held at 0 until they have been scraped.
  await exposition();
  await under.pass(60);
  const text = await exposition();
  expect(text).toMatch(/^agent_task_unpriced_attempts_total\{executor="cursor",.*\} 1$/m);
  expect(text).not.toMatch(/^agent_task_(cost_usd|tokens)_total\{.*executor="cursor"/m);
  expect((await under.summary()).usage).toMatchObject({ cost_usd: null, cost_per_completed_task_usd: null });
});

function tokensInLog({ tokens }: Told): string {
  if (!tokens) return 'unknown';
  const [input, read, write, output] = tokens;
  return `input_uncached=${input} cache_read=${read} cache_write=${write} output=${output}`;
}

async function usageOf({ summary }: Pipeline, file: string) {
  const { usage } = await summary(`project=${encodeURIComponent(projectOf(file))}`);
  const { tokens, cost_usd, unpriced_attempts, attempts_without_usage } = usage;
  return { tokens, cost_usd, unpriced_attempts, attempts_without_usage };
}

function expectedUsage({ tokens, cost }: Told): Awaited<ReturnType<typeof usageOf>> {
  const [input_uncached, cache_read, cache_write, output] = tokens ?? [0, 0, 0, 0];
  return {
    tokens: { input_uncached, cache_read, cache_write, output },
    cost_usd: cost ?? null,
    unpriced_attempts: cost === undefined ? 1 : 0,
    attempts_without_usage: tokens ? 0 : 1,
  };
}
