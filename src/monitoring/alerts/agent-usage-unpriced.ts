import { type ErrorClass, errorClasses, faultOf } from '../../domain/outcome.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { recorded } from '../recording-rules.ts';

/** Attempts that were cut short or never began cannot say what they used, and it is no fault of any price. */
const cutShort: readonly ErrorClass[] = errorClasses.filter(
  (name) => name === 'timeout' || name === 'stalled' || faultOf[name] !== 'attempt',
);
const classes = cutShort.join('|');

const unpriced = `sum by (executor) (${recorded.unpriced1d})`;
const excused = `sum by (executor) (${recorded.failedAttempts1d}{error_class=~"${classes}"})`;
/** Attempts that came to an end of their own, completed or failed. */
const ended = [
  'sum by (executor) (',
  `  ${recorded.finished1d}{status="completed"}`,
  '  or',
  `  ${recorded.failedAttempts1d}{error_class!~"${classes}"}`,
  ')',
].join('\n');
/** What is left of the unpriced ones when all that were cut short are taken for unpriced. */
const unexcused = `(${unpriced} - (${excused} or 0 * ${unpriced}))`;

export const agentUsageUnpriced: AlertDeclaration = {
  name: 'AgentUsageUnpriced',
  severity: 'info',
  category: 'usage',
  expr: ({ usage_unpriced: { count, share } }) =>
    [`${unexcused} >= ${count}`, 'and', `${unexcused} >= ${share} *`, ended].join('\n'),
  condition: ({ usage_unpriced: { count, share } }) =>
    `At least ${count} attempts of one executor in the last 24 hours have no known cost, and these are at least ` +
    `${Math.round(share * 100)} % of those that ended by themselves. As many as were cut short are left out.`,
  for: () => '0s',
  keepFiringFor: ({ usage_unpriced }) => usage_unpriced.keep_firing_for,
  summary: 'Nobody knows what many attempts of an executor cost.',
  description: () =>
    '{{ $value }} attempts of {{ $labels.executor }} in the last 24 hours have no known cost. Budgets, cost alerts ' +
    'and reports do not see them.',
  subject: ['executor'],
  dashboard: 'usage',
};
