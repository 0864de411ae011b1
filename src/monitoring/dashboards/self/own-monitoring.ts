import { labelBounds, type OutcomeLabel } from '../../../domain/labels.ts';
import { ledgerMetrics, outcomeLabelNames } from '../../../telemetry/names.ts';
import { ourGroups } from '../../rule-groups.ts';
import { counted, countedByProcesses } from '../counts.ts';
import type { Section } from '../dashboard-declaration.ts';
import { bars, lines } from '../panels/chart.ts';
import { ranking } from '../panels/ranking.ts';
import { stored, sumBy } from '../queries.ts';
import { serverSeries } from './server-series.ts';

const finished = stored(ledgerMetrics.tasks_finished, []);

/** How many of the values that a label may take are taken. */
function boundUse(label: OutcomeLabel): string {
  const share = `count(count by (${label}) (${finished})) / ${labelBounds[label]}`;
  return `label_replace(${share}, "label", "${label}", "", "")`;
}

/** What watches: the bounds of labels, Prometheus and Alertmanager. */
export const ownMonitoring: Section = {
  title: 'Labels, Prometheus and Alertmanager',
  panels: [
    ranking({
      title: 'Label bounds',
      description:
        'How many of the values that a label may take have been seen. Over the bound everything becomes “other”, and is no longer told apart.',
      width: 8,
      unit: 'percentunit',
      max: 1,
      query: { expr: outcomeLabelNames.map(boundUse).join('\nor\n'), legend: '{{label}}' },
      noValue: 'no tasks yet',
    }),
    bars({
      title: 'Over a label’s bound',
      description: 'Outcomes that were counted as “other”; each bar counts those until the next one.',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: sumBy(['label'], counted(stored(ledgerMetrics.label_overflow, []), '$__interval')),
          legend: '{{label}}',
        },
      ],
      noValue: '✓ none',
      mayBeEmpty: true,
    }),
    bars({
      title: 'Rules that failed',
      description:
        'Evaluations of Andon’s rules that failed, by group: what they record or tell is missing then.',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `label_replace(${countedByProcesses('rule_group', `${serverSeries.ruleFailures.name}{rule_group=~"${ourGroups}"}`)}, "group", "$1", "rule_group", ".*;(.*)")`,
          legend: '{{group}}',
        },
      ],
      noValue: 'Prometheus does not scrape itself',
    }),
    lines({
      title: 'Alertmanagers',
      description: 'How many Prometheus sends alerts to.',
      width: 8,
      unit: 'short',
      queries: [{ expr: `max by (instance) (${serverSeries.alertmanagers.name})`, legend: '{{instance}}' }],
      noValue: 'Prometheus does not scrape itself',
    }),
    bars({
      title: 'Alerts that found no Alertmanager',
      description: 'Dropped by Prometheus since it reached none; each bar counts those until the next one.',
      width: 8,
      unit: 'short',
      queries: [{ expr: countedByProcesses('instance', serverSeries.dropped.name), legend: '{{instance}}' }],
      noValue: 'Prometheus does not scrape itself',
    }),
    bars({
      title: 'Messages that failed',
      description: 'By whom Alertmanager could not tell: webhook is Andon or yours, the others are people.',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: countedByProcesses('integration', serverSeries.messagesFailed.name),
          legend: '{{integration}}',
        },
      ],
      noValue: 'Alertmanager is not scraped',
    }),
  ],
};
