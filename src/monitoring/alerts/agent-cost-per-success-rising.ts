import type { AlertDeclaration } from '../alert-declaration.ts';
import type { Objectives } from '../objectives.ts';
import { recorded } from '../recording-rules.ts';

const subject = ['project', 'task_type'] as const;
const now = recorded.paidPerCompleted3d;
const ofDay = recorded.paidPerCompleted1d;
/** How often the days are looked at. */
const hoursApart = 6;
/** Usual in the week that ended where the three days begin. */
const before = `${recorded.usualPerCompleted7d} offset 3d`;

function expr({ cost_per_success: objectives }: Objectives): string {
  const { times, rise_usd, hours, completed, completed_before, unpriced_share } = objectives;
  return [
    `(${now} > ${times} * (${before} > 0))`,
    'and',
    `(${now} - ${rise_usd} > ${before})`,
    'and',
    // A few dear hours weigh on the last 24 for a day, and work that has become dearer for as long as it is so.
    `(count_over_time((${ofDay} > ${times} * (${before}))[3d:${hoursApart}h]) >= ${Math.ceil(hours / hoursApart)})`,
    'and',
    `(${recorded.completed3d} >= ${completed})`,
    'and',
    `(${recorded.completed7d} offset 3d >= ${completed_before})`,
    // Where many costs were unknown and are known now, the same work would look dearer.
    'unless',
    `(${recorded.unpricedPerCompleted7d} offset 3d > ${unpriced_share})`,
  ].join('\n');
}

/** An amount in US dollars, as a template that asks Prometheus. */
const usual =
  `{{ with printf "${recorded.usualPerCompleted7d}{project=%q,task_type=%q} offset 3d" $labels.project $labels.task_type ` +
  '| query }}{{ . | first | value | printf "%.2f" }}{{ end }}';

export const agentCostPerSuccessRising: AlertDeclaration = {
  name: 'AgentCostPerSuccessRising',
  severity: 'warning',
  category: 'usage',
  expr,
  condition: ({ cost_per_success: objectives }) => {
    const { times, rise_usd, hours, completed, completed_before, unpriced_share } = objectives;
    return (
      `A completed task of one project and type has cost more than ${times} times as much within 3 days as on a usual day of the 7 before (their median), and more than $${rise_usd} more, failed attempts included; looked at by 24 hours, it was so for ${hours} hours of the 72. At ` +
      `least ${completed} were completed, and ${completed_before} before. Not where more than ` +
      `${Math.round(unpriced_share * 100)} % of the costs before are unknown.`
    );
  },
  for: () => '0s',
  keepFiringFor: ({ cost_per_success }) => cost_per_success.keep_firing_for,
  summary: 'Completed agent tasks of one type cost more than they did.',
  description: () =>
    'Each {{ $labels.task_type }} task of project {{ $labels.project }} that was completed within 3 days has cost ' +
    `$${'{{ printf "%.2f" $value }}'}, failed attempts included; on a usual day of the 7 before it was $${usual}.`,
  subject,
  inhibitedBy: [
    // Attempts that fail are what completed ones cost more by.
    { alert: 'AgentRepeatedFailures', equal: subject },
    { alert: 'AgentTaskTimeouts', equal: subject },
  ],
  dashboard: 'usage',
  improvement: {
    kind: 'cost',
    title: ({ project, task_type }) => `Bring down what a completed ${task_type} task of ${project} costs`,
    direction: () =>
      [
        'Completed tasks of one type cost far more in one project than they did the week before; the alert below',
        'names both. Compare the logs of recent tasks with those of older ones and find where the tokens go:',
        'attempts that fail and are tried again, instructions or files that grew and are read every time, output of',
        'a command that nobody needs, a loop of edits and checks, another model than before. Mend the cause with the',
        'smallest change that does it, and show by the figures of one task what it saves.',
        'Do not leave out a check or a part of the work to save its cost. If the tasks have become larger, or',
        'the model or its price was changed on purpose, change nothing and say so.',
      ].join('\n'),
  },
};
