import { forEach } from '../for-each.ts';
import { until } from '../until.ts';
import { planTasks } from './behaviours.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { watchCounters } from './counter-watch.ts';
import { examine, type Found } from './examination.ts';
import { countBegun } from './journal.ts';
import { killAsPlanned, planKills } from './kills.ts';
import { seededRandom } from './random.ts';

export interface ChaosOptions {
  tasks: number;
  /** Of the service, and as many of the runner. */
  kills: number;
  /** How long what was killed stays away at most. */
  longestAwaySeconds: number;
  seed: number;
  /** How long it may take until no task waits or runs. */
  withinSeconds: number;
  /** Told now and then what the run is at. */
  progress?: (line: string) => void;
}

export interface ChaosResult extends Found {
  /** Where everything is, kept if there is a problem. */
  folder: string;
}

/**
 * Many tasks whose agents behave as agents do, by `andon run` against `andon service`, while both are killed with KILL
 * again and again. Tells everything that is not as if nobody had been killed.
 */
export async function runnerChaos(options: ChaosOptions): Promise<ChaosResult> {
  const cluster = await startCluster(8);
  let result: ChaosResult | undefined;
  try {
    const random = seededRandom(options.seed);
    const planned = planTasks(options.tasks, { repo: cluster.repo, random });
    const problems = await wreak(cluster, options, () =>
      forEach(planned, 4, ({ request }) => cluster.api.create(request)),
    );
    const found = await examine(cluster, planned);
    result = { ...found, problems: [...problems, ...found.problems], folder: cluster.folder };
    return result;
  } finally {
    await cluster.clear({ keepFolder: result?.problems.length !== 0 });
  }
}

/** Kills as planned while tasks are queued and run, until none is left to. Tells what was seen to be wrong meanwhile. */
async function wreak(cluster: Cluster, options: ChaosOptions, queue: () => Promise<void>): Promise<string[]> {
  const { service, runner, journal, api } = cluster;
  const [watched, failed] = [new AbortController(), new AbortController()];
  const watching = watchCounters(api, watched.signal);
  const begun = () => countBegun(journal);
  const kill = (killed: typeof service, seed: number) => {
    const plan = planKills(options.kills, { ...options, random: seededRandom(seed) });
    return killAsPlanned(killed, plan, { begun, signal: failed.signal });
  };
  const all = Promise.all([
    queue(),
    kill(service, options.seed + 1),
    kill(runner, options.seed + 2),
    idle(cluster, options),
  ]);
  try {
    await all;
  } finally {
    watched.abort();
    failed.abort();
  }
  return watching;
}

const tellEveryMs = 10_000;

/** Resolves when all has been queued and killed, and no task waits or runs. */
async function idle({ api, service, runner, journal }: Cluster, options: ChaosOptions): Promise<void> {
  let told = performance.now();
  const tell = () => {
    told = performance.now();
    const kills = `${service.kills} kills of the service, ${runner.kills} of the runner`;
    options.progress?.(`${countBegun(journal)} attempts begun, ${kills}`);
  };
  const state = async () => {
    if (performance.now() - told > tellEveryMs) tell();
    if (service.kills < options.kills || runner.kills < options.kills) return 'kills are to come';
    const { attempts } = await api.summary();
    if (attempts.total < options.tasks) return `${attempts.total} attempts so far`;
    return (await api.isIdle()) ? 'idle' : 'tasks wait or run';
  };
  const what = 'no task waits or runs';
  await until(state, (is) => is === 'idle', { seconds: options.withinSeconds, what });
}
