import type { OutcomeReport } from '../../src/domain/outcome.ts';
import { seededRandom } from '../../test/chaos/random.ts';

export interface History {
  outcomes: number;
  labelSets: number;
  /** Milliseconds; the outcomes are spread evenly over it. */
  from: number;
  to: number;
}

const taskTypes = ['spec', 'impl', 'test', 'review', 'heal'] as const;
const projects = ['shop', 'blog', 'billing', 'docs'];
const agents = [
  { executor: 'claude-code', model: 'claude-opus-5' },
  { executor: 'codex', model: 'gpt-5-codex' },
  { executor: 'cursor', model: 'cursor/auto' },
];
const classes = ['timeout', 'verify_failed', 'nonzero_exit', 'rate_limited'] as const;

/** What runners would have reported, by when it ended; the same each time. */
export function* sampleOutcomes({ outcomes, labelSets, from, to }: History): Generator<OutcomeReport> {
  const random = seededRandom(outcomes + labelSets);
  const pick = <T>(items: readonly T[], n = Math.floor(random() * items.length)) =>
    items[n % items.length] as T;
  for (let i = 0; i < outcomes; i += 1) {
    // One of them is one of: 5 task types, 4 projects, 3 agents, and as many variants as it takes.
    const set = Math.floor(random() * labelSets);
    const failed = random() < 0.12;
    yield {
      task_id: `bench-${i}`,
      attempt: 1,
      final: !failed || random() < 0.5,
      task_type: pick(taskTypes, set),
      project: pick(projects, Math.floor(set / 5)),
      ...pick(agents, Math.floor(set / 20)),
      variant: set < 60 ? undefined : `exp/arm-${Math.floor(set / 60)}`,
      status: failed ? 'failed' : 'completed',
      error_class: failed ? pick(classes) : undefined,
      // From seconds to an hour, most of them about a minute.
      duration_seconds: Math.round(60_000 * Math.exp(2.5 * (random() + random() + random() - 1.5))) / 1000,
      created_at: new Date(from + ((to - from) * i) / outcomes).toISOString(),
      usage: {
        input_uncached: Math.floor(random() * 5000),
        cache_read: Math.floor(random() * 90_000),
        cache_write: Math.floor(random() * 9000),
        output: Math.floor(random() * 3000),
        api_calls: Math.floor(random() * 30),
      },
      cost_usd: random() < 0.1 ? undefined : Math.round(random() * 1e4) / 1e4,
      billing: 'metered',
      duration_observed: false,
    };
  }
}
