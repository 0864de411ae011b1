import { outcomeLabelNames } from '../../telemetry/names.ts';

/** The dashboards, by the last part of their `uid`. */
export const dashboardNames = ['pipeline', 'usage', 'variants', 'improvements', 'self'] as const;
export type DashboardName = (typeof dashboardNames)[number];

/** A label that a dashboard can be filtered by: its variable has the same name. */
export type Filter = (typeof outcomeLabelNames)[number] | 'kind';

/** What each dashboard can be filtered by; links to it carry these and no others. */
export const dashboardFilters: Record<DashboardName, readonly Filter[]> = {
  pipeline: ['project', 'task_type', 'model', 'executor'],
  usage: outcomeLabelNames,
  variants: outcomeLabelNames,
  improvements: ['kind'],
  self: [],
};

/** The `uid` that links name: it never changes. */
export function dashboardUid(name: DashboardName): string {
  return `andon-${name}`;
}
