import { faultOf, unknownErrorClass } from '../../../domain/outcome.ts';
import type { Section } from '../dashboard-declaration.ts';
import { tasksLink } from '../links.ts';
import { bars } from '../panels/chart.ts';
import { failed } from './work-queries.ts';

/** What failed, whose fault it was, and why. */
export const failures: Section = {
  title: 'What failed',
  panels: [
    bars({
      title: 'Failed attempts by fault',
      description:
        'Whose fault it was: of the attempt, the provider, the set-up, a runner that died, or ours (budget, killed, cancelled). ' +
        'Only the attempt’s and the runner’s count in success.',
      width: 12,
      unit: 'short',
      queries: failuresByFault(),
      noValue: 'no attempt has failed yet',
    }),
    bars({
      title: 'Failed attempts by class',
      description: 'Why attempts failed; each bar counts those until the next one.',
      width: 12,
      unit: 'short',
      queries: [{ expr: `${failed(['error_class'])} > 0`, legend: '{{error_class}}' }],
      links: [tasksLink([], 'series', 'status=failed')],
      noValue: 'no attempt has failed',
      mayBeEmpty: true,
    }),
  ],
};

/** One query for each fault: Prometheus knows classes only. */
function failuresByFault() {
  const faults = [...new Set(Object.values(faultOf))];
  return faults.map((fault) => {
    const classes = Object.entries(faultOf).flatMap(([name, of]) => (of === fault ? [name] : []));
    // A failure that names no class counts as the attempt’s.
    if (fault === 'attempt') classes.push(unknownErrorClass);
    return { expr: failed([], `error_class=~"${classes.join('|')}"`), legend: fault.replace('_', '-') };
  });
}
