import { forEach } from '../for-each.ts';
import { until } from '../until.ts';
import type { PlannedTask } from './behaviours.ts';
import type { Cluster } from './cluster.ts';
import {
  type Counts,
  type EndedTask,
  expectedCounts,
  wrongCounters,
  wrongEnds,
  wrongRuns,
  wrongSummary,
} from './findings.ts';
import { readJournal } from './journal.ts';
import type { Killable } from './killable.ts';
import { leftOnDisk } from './left-overs.ts';

export interface Found {
  /** What should not have been; empty if all is well. */
  problems: string[];
  figures: Record<string, number>;
}

/** Looks at everything that a run has left, and stops service and runner. */
export async function examine(cluster: Cluster, planned: readonly PlannedTask[]): Promise<Found> {
  const { api, service, runner, repo } = cluster;
  const ended: EndedTask[] = [];
  await forEach(planned, 4, async (plan) => ended.push({ ...plan, task: await api.find(plan.request.id) }));
  const counts = expectedCounts(ended);
  const problems = [
    ...wrongEnds(ended, repo),
    ...wrongRuns(ended, readJournal(cluster.journal)),
    ...wrongSummary(counts, await api.summary()),
    // The newest series are in their hold for some seconds.
    ...(await lasting(async () => wrongCounters(counts, await api.samples()))),
    ...tooManyLost(cluster, counts),
    ...(await lasting(async () => cluster.otherProcesses().map((line) => `left running: ${line}`))),
    ...(await lasting(async () => leftOnDisk(cluster.dataDir, repo).map((file) => `left on disk: ${file}`))),
    ...[service, runner].flatMap(errorsSaid),
    ...(await cluster.stop()).map((code) => `exit code of ${code}`),
    ...cluster.otherProcesses().map((line) => `left running after the stop: ${line}`),
  ];
  return { problems, figures: figuresOf(cluster, counts) };
}

/** What is wrong, and still is when it has had time to come right. */
async function lasting(find: () => Promise<string[]>): Promise<string[]> {
  let last: string[] = [];
  const ask = async () => {
    last = await find();
    return last.length;
  };
  return until(ask, (count) => count === 0, { seconds: 20, what: 'all is well' }).then(
    () => [],
    () => last,
  );
}

/** A kill costs at most what ran, or was being claimed, at that moment. */
function tooManyLost({ service, runner, workers }: Cluster, { byClass }: Counts): string[] {
  const kills = service.kills + runner.kills;
  const { lost = 0 } = byClass;
  return lost > workers * kills ? [`${lost} attempts were lost to ${kills} kills`] : [];
}

function errorsSaid({ name, output }: Killable): string[] {
  const lines = output().split('\n');
  return lines.filter((line) => /"level":(50|60)|^andon: /.test(line)).map((line) => `${name} said: ${line}`);
}

function figuresOf({ service, runner }: Cluster, counts: Counts): Record<string, number> {
  const said = (text: string) => runner.output().split(text).length - 1;
  return {
    'tasks completed': counts.completed,
    'tasks failed': counts.failed,
    'tasks over budget': counts.ours,
    attempts: counts.attempts,
    'attempts lost': counts.byClass.lost ?? 0,
    'kills of the service': service.kills,
    'kills of the runner': runner.kills,
    'outcomes delivered by a later life of the runner': said('an outcome of an earlier run is delivered'),
    'outcomes that waited for the service': said('the outcome waits for the service'),
    'outcomes that came too late': said('the outcome does not count'),
    'restarts that found orphans': said('processes of an earlier run were still there'),
  };
}
