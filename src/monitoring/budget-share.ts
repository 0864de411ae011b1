import { storeGauges } from '../telemetry/names.ts';

const { budget_spent: spent, budget_limit: limit } = storeGauges;

/** How much of each budget is spent, as PromQL; the budget of all projects together has no project. */
export const budgetShare = shareOf(spent.name);

/** How much of it was spent at most within the last day: what is spent falls only as its day ends. */
export const largestBudgetShare = shareOf(`max_over_time(${spent.name}[1d])`);

function shareOf(amount: string): string {
  return [
    'max by (project) (',
    `  max by (job, project) (${amount})`,
    '  /',
    `  max by (job, project) (${limit.name})`,
    ')',
  ].join('\n');
}

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
