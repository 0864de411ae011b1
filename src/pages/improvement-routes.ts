import { z } from 'zod';
import {
  approval,
  approveImprovement,
  existingImprovement,
  type ImprovementRules,
  rejection,
} from '../api/improvement-decisions.ts';
import type { Route } from '../api/route.ts';
import { taskRequest } from '../domain/task.ts';
import { improvementPage } from './improvement-page.ts';
import { type Failure, form, page } from './page-route.ts';
import type { Site, Visit } from './visit.ts';

const params = z.object({ id: z.string().max(100) });
/** Both forms are one, so that a reason is typed once: which button was pressed decides. */
const approvalFields = approval.extend({
  // One that was emptied is not one that was left as it is.
  direction: z.string({ error: 'must say what is to be done' }).pipe(taskRequest.shape.direction),
  priority: z.coerce.number().pipe(approval.shape.priority.unwrap()).optional(),
});

/** The page of an improvement, and a person's word on it. */
export function improvementRoutes(site: Site, rules: ImprovementRules): Route[] {
  const again = (visit: Visit, { params: { id }, failure }: { params: { id: string }; failure: Failure }) =>
    improvementPage(visit, rules, { id, failure });
  const shared = { scope: 'admin', params, again } as const;
  return [
    page(site, {
      path: '/improvements/{id}',
      summary: 'One improvement: why, what it would do, and a person’s word on it',
      scope: 'read',
      params,
      show: (visit, { params: { id } }) => improvementPage(visit, rules, { id }),
    }),
    form(site, {
      ...shared,
      path: '/improvements/{id}/approve',
      summary: 'Approve an improvement, with what is changed of its task',
      fields: approvalFields,
      async submit(_visit, { params: { id }, fields, principal }) {
        await approveImprovement(rules, id, principal.name, fields);
        return { to: `/improvements/${encodeURIComponent(id)}`, say: 'approved' };
      },
    }),
    form(site, {
      ...shared,
      path: '/improvements/{id}/reject',
      summary: 'Reject an improvement',
      fields: rejection.extend({ direction: z.string().optional(), priority: z.string().optional() }),
      async submit(_visit, { params: { id }, fields: { reason }, principal }) {
        await existingImprovement(rules, id);
        await rules.improvements.reject(id, principal.name, reason);
        return { to: `/improvements/${encodeURIComponent(id)}`, say: 'rejected' };
      },
    }),
  ];
}
