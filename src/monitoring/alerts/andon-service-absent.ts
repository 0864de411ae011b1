import { jobs } from '../../telemetry/names.ts';
import type { AlertDeclaration } from '../alert-declaration.ts';
import { durationSeconds } from '../objectives.ts';

export const andonServiceAbsent: AlertDeclaration = {
  name: 'AndonServiceAbsent',
  severity: 'critical',
  category: 'self',
  // A target that is gone altogether has no `up` that could be 0; one that starts again and again is up at times.
  expr: ({ self: { absent } }) =>
    [
      `absent(up{job="${jobs.service}"} == 1)`,
      'or',
      `max (avg_over_time(up{job="${jobs.service}"}[${2 * durationSeconds(absent)}s])) < 0.5`,
    ].join('\n'),
  condition: ({ self: { absent } }) =>
    `For ${absent} Prometheus has had no answer from any replica of the service, or only now and then.`,
  for: (objectives) => objectives.self.absent,
  keepFiringFor: (objectives) => objectives.keep_firing_for,
  summary: 'The Andon service does not answer.',
  description: ({ self: { absent } }) =>
    `Prometheus has had no answer from the job ${jobs.service} for ${absent}, or hardly any. No tasks are handed out, and nothing else ` +
    'can be said about the pipeline.',
  subject: [],
  dashboard: 'self',
};
