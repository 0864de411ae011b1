import { storeGauges } from '../telemetry/names.ts';

const { budget_spent: spent, budget_limit: limit } = storeGauges;

/** How much of each budget is spent, as PromQL; the budget of all projects together has no project. */
export const budgetShare = [
  'max by (project) (',
  `  max by (job, project) (${spent.name})`,
  '  /',
  `  max by (job, project) (${limit.name})`,
  ')',
].join('\n');

/** How much of it was spent at most within the last day, which is as long as what is spent counts. */
export const largestBudgetShare = `max_over_time((\n${budgetShare}\n)[1d:5m])`;

/** What an alert about a budget says, as a template: whose it is, how much was spent, and of how much. */
export const budgetDescription =
  '{{ if $labels.project }}Project {{ $labels.project }} has{{ else }}All projects together have{{ end }} spent ' +
  `$${amount(spent.name)} in 24 hours, which is {{ $value | humanizePercentage }} of the budget of $${amount(limit.name)}.`;

function amount(name: string): string {
  return (
    `{{ with printf "max(${name}{project=%q})" $labels.project | query }}` +
    '{{ . | first | value | printf "%.2f" }}{{ end }}'
  );
}
