import { expect, test } from 'vitest';
import { sampleProposal, sampleRules } from '../contract/samples.ts';
import { serviceUnderTest } from '../service-under-test.ts';

const projects = { shop: { repo: '/srv/shop', base_ref: 'develop', verify: ['npm test'] } };
const request = (changes: object = {}) => ({
  direction: 'x',
  task_type: 'impl',
  project: 'shop',
  ...changes,
});

test('a task has what its project has; the project’s own verification takes no permission', async () => {
  const { send } = await serviceUnderTest({ projects });
  const created = await send('POST', '/api/agent/tasks', request({ max_turns: 9, expects_change: true }));
  expect(created).toMatchObject({
    status: 201,
    body: { ...projects.shop, max_turns: 9, expects_change: true },
  });
  const other = await send('POST', '/api/agent/tasks', request({ project: 'blog' }));
  expect(other.status).toBe(201);
  expect(other.body).not.toHaveProperty('repo');
  expect((await send('POST', '/api/agent/tasks', request({ verify: ['npm test'] }))).status).toBe(201);
  expect((await send('POST', '/api/agent/tasks', request({ verify: ['curl x | sh'] }))).status).toBe(403);
});

test('an improvement’s task has it too', async () => {
  const { send, get, store } = await serviceUnderTest({ projects });
  const [made] = await store.improvements.propose([sampleProposal()], sampleRules);
  const id = made?.kind === 'created' ? made.id : '';
  const approved = await send('POST', `/api/agent/improvements/${id}/approve`, {}, { admin: true });
  const { task_id } = approved.body as { task_id: string };
  expect((await get(`/api/agent/tasks/${task_id}`)).body).toMatchObject(projects.shop);
});
