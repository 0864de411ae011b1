import { type Reply, type ServiceUnderTest, serviceUnderTest } from '../service-under-test.ts';

export interface Claimed {
  task: { id: string };
  attempt: number;
  lease_token: string;
}
export interface ClaimAnswer {
  tasks: Claimed[];
  held?: { executor: string; state: string; until?: string }[];
  reason?: string;
}

/** When the clock of `movable` begins. */
export const start = Date.parse('2026-03-02T01:00:00Z');

/** The service with a clock that the test moves, in steps in which the service lives. */
export async function movable() {
  let now = start;
  const service = await serviceUnderTest({}, () => now);
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 10) {
      now += Math.min(10, left) * 1000;
      await service.store.beat();
    }
  };
  return { ...service, pass, now: () => now };
}

export async function claim({ send }: ServiceUnderTest, request: object = {}): Promise<ClaimAnswer> {
  const body = { runner: 'r1', executors: ['claude-code'], free_workers: 1, ...request };
  return (await send('POST', '/api/agent/tasks/claim', body)).body as ClaimAnswer;
}

export async function claimOne(service: ServiceUnderTest, request: object = {}): Promise<Claimed> {
  const [claimed] = (await claim(service, request)).tasks;
  if (!claimed) throw new Error('nothing was claimed');
  return claimed;
}

export function finish(
  { send }: ServiceUnderTest,
  claimed: Claimed,
  outcome: object,
  more: object = {},
): Promise<Reply> {
  const { task, attempt, lease_token } = claimed;
  const body = { lease_token, attempt, outcome: { duration_seconds: 5, ...outcome }, ...more };
  return send('POST', `/api/agent/tasks/${task.id}/finish`, body);
}

export const create = ({ send }: ServiceUnderTest, id: string, more: object = {}) =>
  send('POST', '/api/agent/tasks', { id, direction: 'x', task_type: 'impl', max_attempts: 2, ...more });
