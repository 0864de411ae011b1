import { jobs, ledgerMetrics } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { storeIncreaseBy } from '../store-increase.ts';

/** Long enough that what happens once a day is one message. */
const window = '1d';

export const andonLabelOverflow: AlertDeclaration = {
  name: 'AndonLabelOverflow',
  severity: 'warning',
  category: 'self',
  expr: () =>
    [
      `${storeIncreaseBy(['label'], ledgerMetrics.label_overflow, window)} > 0`,
      'or',
      // What OpenTelemetry folds has lost all labels.
      `label_replace(count ({__name__=~"agent_.+",job="${jobs.runner}",otel_metric_overflow="true"}) > 0, "label", "any", "", "")`,
    ].join('\n'),
  slow: true,
  condition: () =>
    `Within ${window} an outcome came with a new value of a label that has as many as it may, or a runner has more label ` +
    'sets than OpenTelemetry takes.',
  for: () => '0s',
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'A label has more values than it may, and figures run together.',
  description: () =>
    '{{ if eq $labels.label "any" }}A runner has more label sets than OpenTelemetry takes: {{ $value }} of its series ' +
    `have lost their labels.{{ else }}{{ $value }} outcomes within ${window} are counted as "other", since there are too ` +
    'many values of the label {{ $labels.label }}.{{ end }}',
  subject: ['label'],
  dashboard: 'self',
};
