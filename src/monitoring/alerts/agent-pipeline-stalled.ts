import { ledgerMetrics, storeGauges } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds, type Objectives } from '../objectives.ts';
import { storeIncreaseBy } from '../store-increase.ts';

const pending = storeGauges.oldest_pending.name;
const progress = storeGauges.oldest_progress.name;
const subject = ['project', 'task_type'] as const;
const by = `by (${subject.join(', ')})`;
const on = `on (${subject.join(', ')})`;

/** In how many looks at the window tasks must have waited: not all, since a restart hides some. */
const looks = 30;
const enoughLooks = 24;

/**
 * Tasks that could run have waited for the whole window, none has ended in it, and none is being worked on.
 * The age alone would be wrong: a task that has waited for another one is old when it can run at last.
 */
function expr(objectives: Objectives): string {
  const { window } = objectives.pipeline_stalled;
  const seconds = durationSeconds(window);
  const step = Math.ceil(Math.max(durationSeconds(objectives.scrape_interval), seconds / looks));
  const enough = Math.floor((seconds / step) * (enoughLooks / looks));
  return [
    `(time() - min ${by} (${pending}) > ${seconds})`,
    `and ${on}`,
    `(count_over_time((min ${by} (${pending}))[${window}:${step}s]) >= ${enough})`,
    `unless ${on}`,
    `(${storeIncreaseBy(subject, ledgerMetrics.tasks_finished, window)} > 0)`,
    `unless ${on}`,
    `(time() - min ${by} (${progress}) < ${seconds})`,
  ].join('\n');
}

export const agentPipelineStalled: AlertDeclaration = {
  name: 'AgentPipelineStalled',
  severity: 'critical',
  category: 'pipeline',
  expr,
  condition: ({ pipeline_stalled: { window } }) =>
    `Tasks of one project and type that could run have waited for ${window}; in that time none has ended and none has made progress.`,
  for: (objectives) => objectives.pipeline_stalled.for,
  summary: 'Agent tasks wait and nothing is done about them.',
  description: ({ pipeline_stalled: { window } }) =>
    `{{ $labels.task_type }} tasks of project {{ $labels.project }} have waited for ` +
    `{{ $value | humanizeDuration }}; within ${window} none has ended and none is making progress.`,
  subject,
  dashboard: 'pipeline',
};
