import { z } from 'zod';
import { openRequest } from '../api/executors.ts';
import type { Route } from '../api/route.ts';
import type { ExecutorStore } from '../domain/executor-store.ts';
import { labelValue } from '../domain/labels.ts';
import { type Failure, form, type Page } from './page-route.ts';
import type { Site, Visit } from './visit.ts';

/** A person's word that an executor may go on. */
export function executorRoutes(
  site: Site,
  executors: ExecutorStore,
  again: (visit: Visit, failure: Failure) => Promise<Page>,
): Route[] {
  return [
    form(site, {
      path: '/executors/{executor}/open',
      summary: 'Let a paused or closed executor get tasks again',
      scope: 'admin',
      params: z.object({ executor: labelValue }),
      fields: openRequest,
      async submit(_visit, { params: { executor }, fields: { runner } }) {
        await executors.open(executor, runner);
        return { to: '/', say: 'opened' };
      },
      again: (visit, { failure }) => again(visit, failure),
    }),
  ];
}
