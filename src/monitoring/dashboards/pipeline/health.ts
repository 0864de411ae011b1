import { storeGauges } from '../../../telemetry/names.ts';
import type { Section } from '../dashboard-declaration.ts';
import { runbookLink, tasksLink, tracesLink } from '../links.ts';
import { stat } from '../panels/stat.ts';
import { table } from '../panels/table.ts';
import { age, firingAlerts, firingSince, rulesAreEvaluated, stored } from '../queries.ts';
import { filters, tasksNow } from './work-queries.ts';

const firingLabels = [
  'alertname',
  'severity',
  'project',
  'task_type',
  'executor',
  'model',
  'runner',
] as const;
const kind = ['project', 'task_type', 'executor'] as const;

/** Well or not, and why; what runs. */
export const health: Section = {
  title: 'Is it well?',
  panels: [
    stat({
      title: 'State',
      description:
        'How many alerts of Andon fire, about what is chosen above or the whole. Below is which, and since when.',
      width: 6,
      unit: 'suffix:alerts fire',
      expr: `(count(${firingAlerts(filters)}) or vector(0))\nand on ()\n${rulesAreEvaluated}`,
      words: { 0: '✓ well', 1: '1 alert fires' },
      redFrom: 1,
      noValue: 'not known: Prometheus evaluates no rules of Andon',
    }),
    stat({
      title: 'Stalled since',
      description: 'Since when tasks wait and none ends, as AgentPipelineStalled says it.',
      width: 6,
      unit: 'dateTimeFromNow',
      expr: `min(${firingSince(filters, 'alertname="AgentPipelineStalled"')})`,
      redFrom: 0,
      noValue: 'not stalled',
      mayBeEmpty: true,
    }),
    stat({
      title: 'Running',
      description: 'Tasks that run now.',
      width: 4,
      unit: 'short',
      expr: tasksNow('running'),
      noValue: 'no tasks yet',
      links: [tasksLink([], 'series', 'status=running')],
    }),
    stat({
      title: 'Waiting',
      description: 'Tasks in the queue now.',
      width: 4,
      unit: 'short',
      expr: tasksNow('pending'),
      noValue: 'no tasks yet',
      links: [tasksLink([], 'series', 'status=pending')],
    }),
    stat({
      title: 'Need a decision',
      description: 'Tasks that stopped to ask a person something.',
      width: 4,
      unit: 'short',
      expr: tasksNow('needs_decision'),
      orangeFrom: 1,
      noValue: 'no tasks yet',
      links: [tasksLink([], 'series', 'status=needs_decision')],
    }),
    table({
      title: 'What fires',
      description:
        'The alerts that fire, and since when. A name leads to its runbook: what it means, and what to do.',
      width: 14,
      rows: firingLabels,
      columns: [{ title: 'since', expr: sinceBy(), unit: 'dateTimeFromNow' }],
      links: [runbookLink('alertname', 'row')],
      noValue: 'nothing fires',
      mayBeEmpty: true,
    }),
    table({
      title: 'What runs',
      description:
        'Of each kind of work the task that has been running longest, and the one that has given no output for longest.',
      width: 10,
      rows: kind,
      columns: [
        { title: 'running for', expr: age(kind, stored(storeGauges.oldest_started, filters)), unit: 's' },
        { title: 'silent for', expr: age(kind, stored(storeGauges.oldest_progress, filters)), unit: 's' },
      ],
      links: [tasksLink(kind, 'row', 'status=running'), tracesLink(kind, 'row')],
      noValue: 'nothing runs',
      mayBeEmpty: true,
    }),
  ],
};

function sinceBy(): string {
  return `min by (${firingLabels.join(', ')}) (${firingSince(filters)})`;
}
