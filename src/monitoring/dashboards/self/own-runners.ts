import { runnerCounters, runnerGauges, storeGauges } from '../../../telemetry/names.ts';
import { countedByProcesses } from '../counts.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink } from '../links.ts';
import { bars, lines } from '../panels/chart.ts';
import { table } from '../panels/table.ts';
import { timeline } from '../panels/timeline.ts';
import { age, stored } from '../queries.ts';

const { progress, running, spool } = runnerGauges;
const { claims, spool_errors } = runnerCounters;

/** Who does the work, and what keeps them from it. */
export const ownRunners: Section = {
  title: 'Runners and executors',
  panels: [
    table({
      title: 'Runners',
      description:
        'Silent: since its last word to the service. Output: since a task of its last gave any. Spooled: outcomes that it could not deliver yet.',
      width: 12,
      rows: ['runner'],
      columns: [
        { title: 'silent for', unit: 's', expr: age(['runner'], stored(storeGauges.runner_heartbeat, [])) },
        { title: 'running', unit: 'short', expr: `sum by (runner) (${running.name})` },
        { title: 'output', unit: 's', expr: `time() - max by (runner) (${progress.name})` },
        { title: 'spooled', unit: 'short', expr: `sum by (runner) (${spool.name})` },
      ],
      sortBy: 'silent for',
      noValue: 'no runner has asked for tasks yet',
    }),
    timeline({
      title: 'Paused or closed executors',
      description:
        'Why an executor gets no tasks: paused until a provider’s limit is over, or closed for a runner until its set-up is mended. A row for each that was held in the time shown.',
      width: 12,
      unit: 'short',
      query: {
        expr: [
          `max by (executor, reason) (${stored(storeGauges.executor_held, [])})`,
          'and on (executor, reason)',
          `(max by (executor, reason) (max_over_time(${stored(storeGauges.executor_held, [])}[$__range])) > 0)`,
        ].join('\n'),
        legend: '{{executor}} {{reason}}',
      },
      states: { 0: { text: 'open', color: 'green' }, 1: { text: 'held', color: 'red' } },
      links: [tasksLink(['executor'], 'series')],
      noValue: 'no executor was held',
      mayBeEmpty: true,
    }),
    lines({
      title: 'Running tasks',
      description: 'By runner and executor.',
      width: 8,
      unit: 'short',
      queries: [{ expr: `sum by (runner, executor) (${running.name})`, legend: '{{runner}} {{executor}}' }],
      noValue: 'no runner is scraped',
    }),
    bars({
      title: 'Asked for tasks',
      description:
        'How often runners asked, by what came of it; each bar counts until the next one. Throttled: a budget is spent.',
      width: 8,
      unit: 'short',
      queries: [{ expr: countedByProcesses('result', claims.name), legend: '{{result}}' }],
      noValue: 'no runner is scraped',
    }),
    lines({
      title: 'Spool',
      description:
        'Outcomes that wait for delivery, and outcomes that could not even be kept: the disk is full, or not to be written.',
      width: 8,
      unit: 'short',
      queries: [
        { expr: `sum by (runner) (${spool.name})`, legend: 'waiting {{runner}}' },
        {
          expr: `round(sum by (runner) (increase(${spool_errors.name}[1h])))`,
          legend: 'lost in an hour {{runner}}',
        },
      ],
      noValue: 'no runner is scraped',
    }),
  ],
};
