import type { AlertDeclaration } from '../alert-declaration.ts';
import { ourGroups } from '../rule-groups.ts';

export const andonRulesFailing: AlertDeclaration = {
  name: 'AndonRulesFailing',
  severity: 'warning',
  category: 'self',
  // Only where Prometheus scrapes itself. A query that is cut off once is not a rule that cannot be evaluated.
  // Half a failure more, since `increase` makes two of a window a little more than two.
  expr: ({ self: { window } }) =>
    `sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{rule_group=~"${ourGroups}"}[${window}])) > 2.5`,
  condition: ({ self: { window } }) =>
    `Prometheus failed to evaluate a rule of Andon’s more than twice within ${window}.`,
  for: (objectives) => objectives.self.for,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'Prometheus cannot evaluate rules of Andon’s.',
  description: ({ self: { window } }) =>
    `Rules of the group {{ $labels.rule_group }} failed {{ printf "%.0f" $value }} times within ${window}: what they ` +
    'would tell is not told.',
  subject: ['rule_group'],
  dashboard: 'self',
};
