import { improvementStates } from '../../src/domain/improvement-state.ts';
import { findAlertDeclaration } from '../../src/monitoring/alerts/registry.ts';
import { timeOf } from '../../src/simulation/calendar.ts';
import type { Incident } from '../../src/simulation/incident.ts';
import { runnerIds } from '../../src/simulation/pipeline/state.ts';
import { seededRandom } from '../../src/simulation/random.ts';
import type { Series, Source } from '../../src/simulation/series-table.ts';
import { works } from '../../src/simulation/work.ts';
import {
  alertComponent,
  claimResults,
  durationBoundaries,
  ledgerMetrics,
  runnerCounters,
  runnerGauges,
  serviceMetrics,
  storeGauges,
  taskHistograms,
} from '../../src/telemetry/names.ts';

/**
 * What the simulation leaves out, since no rule reads it, and dashboards show: made of what is there, so that both agree.
 */
export function derivedSeries(simulated: readonly Series[], incidents: readonly Incident[]): Series[] {
  const series = simulated.flatMap(withVariants);
  const minutes = series[0]?.samples.length ?? 0;
  const make = maker(minutes);
  return [
    ...series,
    ...verdicts(series, make),
    ...histograms(series, make),
    ...running(series, make),
    ...service(make),
    ...improvements(incidents, make),
    ...alerts(incidents, make, minutes),
  ];
}

type Make = (
  name: string,
  labels: Record<string, string>,
  source: Source,
  valueAt: (minute: number) => number,
) => Series;

function maker(minutes: number): Make {
  return (name, labels, source, valueAt) => {
    const samples = Float64Array.from({ length: minutes }, (_, minute) => valueAt(minute));
    const type = /(_total|_bucket|_count|_sum)$/.test(name) ? 'counter' : 'gauge';
    return { name, labels, source, type, value: Number.NaN, samples };
  };
}

/** Half of the largest project's implementation was done with another prompt. */
function withVariants(one: Series): Series[] {
  const { project, task_type, variant } = one.labels;
  if (variant === undefined || project !== 'shop' || task_type !== 'impl') return [one];
  const half = one.samples.map((value) =>
    one.name.endsWith('usd_total') ? value / 2 : Math.floor(value / 2),
  );
  return [
    { ...one, samples: half, labels: { ...one.labels, variant: 'prompt:terse,skill:v2' } },
    { ...one, samples: one.samples.map((value, minute) => value - (half[minute] ?? 0)) },
  ];
}

function ofMetric(series: readonly Series[], { name }: { name: string }, ...values: string[]): Series[] {
  return series.filter(
    (one) => one.name === name && values.every((value) => Object.values(one.labels).includes(value)),
  );
}

/** Two of three completed tasks are accepted some hours later. */
function verdicts(series: readonly Series[], make: Make): Series[] {
  return ofMetric(series, ledgerMetrics.tasks_finished, 'completed').map(({ labels, samples }) => {
    const { status: _, ...rest } = labels;
    const valueAt = (minute: number) => Math.floor(((samples[minute - 300] ?? 0) * 2) / 3);
    return make(ledgerMetrics.verdicts.name, { ...rest, verdict: 'accepted' }, 'store', valueAt);
  });
}

/** Both runners observe each finished task; how long it took is as the simulation has it in the median. */
function histograms(series: readonly Series[], make: Make): Series[] {
  const observed = ofMetric(series, ledgerMetrics.tasks_finished).flatMap(({ labels, samples }, index) => {
    const { status: _, ...rest } = labels;
    const work = works.find((each) => each.project === labels.project && each.task_type === labels.task_type);
    const random = seededRandom(`times ${index}`);
    const source: Source = `runner:${runnerIds[index % runnerIds.length] ?? ''}`;
    const durations: Observation[] = [];
    const waits: Observation[] = [];
    for (let minute = 1; minute < samples.length; minute += 1) {
      for (let n = samples[minute - 1] ?? 0; n < (samples[minute] ?? 0); n += 1) {
        durations.push({ minute, value: random.lognormal((work?.minutes ?? 10) * 60, 0.5) });
        waits.push({ minute, value: random.exponential(90) });
      }
    }
    return [
      ...histogram(make, taskHistograms.duration.name, labels, source, durations),
      ...histogram(make, taskHistograms.queue.name, rest, source, waits),
    ];
  });
  return unique(observed, (a, b) => a + b);
}

interface Observation {
  minute: number;
  value: number;
}

function histogram(
  make: Make,
  name: string,
  labels: Record<string, string>,
  source: Source,
  observations: readonly Observation[],
): Series[] {
  const counted = (suffix: string, more: Record<string, string>, bound: number) => {
    const minutes = observations.filter(({ value }) => value <= bound).map(({ minute }) => minute);
    let next = 0;
    return make(name + suffix, { ...labels, ...more }, source, (minute) => {
      while ((minutes[next] ?? Number.POSITIVE_INFINITY) <= minute) next += 1;
      return next;
    });
  };
  return [
    ...durationBoundaries.map((bound) => counted('_bucket', { le: String(bound) }, bound)),
    counted('_bucket', { le: '+Inf' }, Number.POSITIVE_INFINITY),
    counted('_count', {}, Number.POSITIVE_INFINITY),
  ];
}

/** What runs: a task of each kind that makes progress; what waits for a decision likewise. */
function running(series: readonly Series[], make: Make): Series[] {
  const kinds = ofMetric(series, storeGauges.oldest_progress);
  const isThere = (samples: Float64Array, minute: number) => !Number.isNaN(samples[minute] ?? Number.NaN);
  const started = kinds.map(({ labels, samples }) => {
    let since = Number.NaN;
    return make(storeGauges.oldest_started.name, labels, 'store', (minute) => {
      if (!isThere(samples, minute)) since = Number.NaN;
      else if (Number.isNaN(since)) since = timeOf(minute);
      return since;
    });
  });
  const statuses = (['running', 'needs_decision'] as const).flatMap((status) => {
    const metric = status === 'running' ? storeGauges.oldest_progress : storeGauges.oldest_decision;
    return ofMetric(series, metric).map(({ labels: { project = '', task_type = '' }, samples }) =>
      make(storeGauges.tasks.name, { project, task_type, status }, 'store', (minute) =>
        isThere(samples, minute) ? 1 : 0,
      ),
    );
  });
  const runners = runnerIds.flatMap((runner, index) => {
    const source: Source = `runner:${runner}`;
    const mine = kinds.filter((_, at) => at % runnerIds.length === index);
    return [
      ...mine.map(({ labels: { executor = '' }, samples }) =>
        make(runnerGauges.running.name, { runner, executor }, source, (minute) =>
          isThere(samples, minute) ? 1 : 0,
        ),
      ),
      make(runnerGauges.progress.name, { runner }, source, (minute) => timeOf(minute) - 30),
      make(runnerCounters.spool_errors.name, { runner }, source, () => 0),
      // What becomes of others is simulated.
      ...claimResults
        .filter((result) => result !== 'tasks' && result !== 'empty')
        .map((result) => make(runnerCounters.claims.name, { runner, result }, source, () => 0)),
    ];
  });
  return [...started, ...statuses, ...unique(runners, (a, b) => a + b)];
}

/** Several kinds of one executor are one series, and so is an alert that fires twice. */
function unique(series: readonly Series[], join: (a: number, b: number) => number): Series[] {
  const either = (a: number, b: number) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : join(a, b));
  const byLabels = new Map<string, Series>();
  for (const one of series) {
    const key = one.name + one.source + JSON.stringify(one.labels);
    const known = byLabels.get(key);
    const samples = known?.samples.map((value, at) => either(value, one.samples[at] ?? Number.NaN));
    byLabels.set(key, samples ? { ...one, samples } : one);
  }
  return [...byLabels.values()];
}

function service(make: Make): Series[] {
  const { http_duration, internal_errors, store_read, webhook_alerts } = serviceMetrics;
  const claim = { method: 'POST', route: '/api/agent/tasks/claim', status_code: '200' };
  const shares = { 0.005: 0.7, 0.05: 0.95, 1: 1, '+Inf': 1 };
  return [
    make(store_read.name, {}, 'service', (minute) => 0.003 + (minute % 7) / 1000),
    make(internal_errors.name, { where: 'webhook' }, 'service', () => 0),
    make(webhook_alerts.name, { result: 'stored' }, 'service', (minute) => Math.floor(minute / 30)),
    make(`${http_duration.name}_count`, claim, 'service', (minute) => minute * 6),
    ...Object.entries(shares).map(([le, part]) =>
      make(`${http_duration.name}_bucket`, { ...claim, le }, 'service', (minute) =>
        Math.floor(minute * 6 * part),
      ),
    ),
  ];
}

/** What alerts asked for: proposed after minutes, approved or rejected after hours; the last one is still open. */
function improvements(incidents: readonly Incident[], make: Make): Series[] {
  const asked = incidents.flatMap(({ expected, from }) => {
    const improvement = expected && findAlertDeclaration(expected.alert)?.improvement;
    return improvement ? [{ alert: expected.alert, kind: improvement.kind, from: from + 20 }] : [];
  });
  const stateOf = (index: number, from: number, minute: number) => {
    if (minute < from) return undefined;
    if (minute < from + 120 || index === asked.length - 1) return 'proposed';
    if (index % 3 === 0) return 'rejected';
    return minute < from + 300 ? 'scheduled' : 'done';
  };
  const count = (minute: number, state: string, is: (one: (typeof asked)[number]) => boolean) =>
    asked.filter((one, index) => is(one) && stateOf(index, one.from, minute) === state);
  const kinds = [...new Set(asked.map(({ kind }) => kind))];
  const names = [...new Set(asked.map(({ alert }) => alert))];
  return improvementStates.flatMap((state) => [
    ...kinds.flatMap((kind) => [
      make(
        storeGauges.improvements.name,
        { kind, state },
        'store',
        (minute) => count(minute, state, (one) => one.kind === kind).length,
      ),
      ...(state === 'proposed' || state === 'scheduled'
        ? [
            make(storeGauges.oldest_improvement.name, { kind, state }, 'store', (minute) => {
              const oldest = count(minute, state, (one) => one.kind === kind)[0];
              return oldest ? timeOf(oldest.from) : Number.NaN;
            }),
          ]
        : []),
    ]),
    ...names.map((alert) =>
      make(
        storeGauges.improvements_by_alert.name,
        { alert, state },
        'store',
        (minute) => count(minute, state, (one) => one.alert === alert).length,
      ),
    ),
  ]);
}

/** What Prometheus writes of alerts: they fire from ten minutes into what they are about until it is over; two still do. */
function alerts(incidents: readonly Incident[], make: Make, minutes: number): Series[] {
  const expected = incidents.flatMap(({ expected: match, from, to }) =>
    match ? [{ ...match, from: from + 10, to }] : [],
  );
  const since = { from: minutes - 120, to: minutes };
  const still: { alert: string; labels: Record<string, string>; from: number; to: number }[] = [
    { alert: 'AgentPipelineStalled', labels: { executor: 'gemini' }, ...since },
    { alert: 'AgentDecisionWaiting', labels: { project: 'shop' }, ...since },
  ];
  const all = [
    ...expected,
    ...still,
    { alert: 'Watchdog', labels: {}, from: 0, to: Number.POSITIVE_INFINITY },
  ];
  const series = all.flatMap(({ alert, labels, from, to }) => {
    const { severity = '', category = '' } = findAlertDeclaration(alert) ?? {};
    const named = { alertname: alert, severity, category, component: alertComponent, ...labels };
    const during = (value: number) => (minute: number) =>
      minute >= from && minute < to ? value : Number.NaN;
    return [
      make('ALERTS', { ...named, alertstate: 'firing' }, 'prometheus', during(1)),
      make('ALERTS_FOR_STATE', named, 'prometheus', during(timeOf(Math.max(0, from - 10)))),
    ];
  });
  return unique(series, Math.max);
}
