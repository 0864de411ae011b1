import type { ImprovementRules } from '../api/improvement-decisions.ts';
import type { Route } from '../api/route.ts';
import { assetRoute } from './assets.ts';
import { executorRoutes } from './executor-routes.ts';
import { improvementListRoute } from './improvement-list.ts';
import { improvementRoutes } from './improvement-routes.ts';
import { type OverviewOptions, overviewPage, overviewRoute } from './overview.ts';
import { runbookRoute } from './runbook.ts';
import { signInRoutes } from './sign-in.ts';
import { taskListRoute } from './task-list.ts';
import type { TaskPageOptions } from './task-page.ts';
import { taskRoutes } from './task-routes.ts';
import type { Site } from './visit.ts';

export interface PageRoutesOptions extends OverviewOptions, TaskPageOptions, ImprovementRules {
  runbooksDir: string;
}

/** Everything that a person can look at and do in a browser. */
export function pageRoutes(site: Site, options: PageRoutesOptions): Route[] {
  return [
    overviewRoute(site, options),
    ...executorRoutes(site, options.store.executors, (visit, failure) =>
      overviewPage(visit, options, failure),
    ),
    taskListRoute(site, { tasks: options.tasks, types: options.defaults.types }),
    ...taskRoutes(site, options),
    improvementListRoute(site, options.improvements),
    ...improvementRoutes(site, options),
    runbookRoute(site, options.runbooksDir),
    ...signInRoutes(site),
    assetRoute(),
  ];
}
