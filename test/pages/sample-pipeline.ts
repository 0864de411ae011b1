import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '../../src/app/service.ts';
import type { ConfigInput } from '../../src/config.ts';

/** Long leases, so that a clock that is moved loses no task; a budget that is nearly spent. */
export const sampleSettings: ConfigInput = {
  tasks: { lease_seconds: 86_400, backoff_seconds: 0 },
  budget: { daily_usd: 25, projects: { shop: 12 } },
  projects: { shop: { repo: '/srv/shop', base_ref: 'main', verify: ['npm test'] } },
};

export interface Sample {
  service: Pick<Service, 'url' | 'adminToken' | 'store'>;
  /** The service's data folder. */
  folder: string;
  /** Moves its clock. */
  pass: (seconds: number) => Promise<void>;
}

interface Claimed {
  task: { id: string };
  attempt: number;
  lease_token: string;
}

/** An ordinary morning: tasks that were done, failed, run, wait and ask; an alert, and what it proposes. */
export async function fillPipeline(sample: Sample): Promise<void> {
  const { pass } = sample;
  await doneTasks(sample);
  await failingTests(sample);
  await alert(sample);
  await pass(240);
  await asksForDecision(sample);
  await create(sample, 'cart-rounding', 'Round prices in the cart to whole cents, and test it', {
    project: 'shop',
  });
  await claim(sample, 'build-2');
  await create(sample, 'invoice-pdf', 'Write invoices as PDF/A', { project: 'billing', task_type: 'impl' });
  await create(sample, 'review-cart', 'Review the change to the cart', {
    project: 'shop',
    task_type: 'review',
  });
  await pass(95);
}

async function doneTasks(sample: Sample): Promise<void> {
  const done: [id: string, direction: string, more: object, outcome: object, seconds: number][] = [
    [
      'parse-csv',
      'Import orders from CSV files\n\nSee spec/import.md.',
      { project: 'shop' },
      { cost_usd: 1.84 },
      412,
    ],
    [
      'spec-returns',
      'Specify how goods are returned',
      { project: 'shop', task_type: 'spec' },
      { cost_usd: 0.42 },
      95,
    ],
    ['tax-rates', 'Take tax rates from the table of 2026', { project: 'billing' }, {}, 180],
    ['dunning', 'Remind customers of unpaid invoices', { project: 'billing' }, { cost_usd: 7.91 }, 1320],
  ];
  for (const [id, direction, more, outcome, seconds] of done) {
    await create(sample, id, direction, more);
    await run(sample, { status: 'completed', duration_seconds: seconds, ...usage, ...outcome }, seconds);
  }
  await patchVerdict(sample, 'parse-csv', 'accepted');
}

const usage = {
  usage: { input_uncached: 41_200, cache_read: 1_310_000, cache_write: 52_000, output: 18_400 },
  usage_by_model: [
    {
      model: 'claude-opus-5',
      input_uncached: 41_200,
      cache_read: 1_310_000,
      cache_write: 52_000,
      output: 18_400,
    },
  ],
  usage_state: 'terminal',
};

const failedLog = `# task t attempt 1 of 1, claude-code claude-opus-5
I'll run the tests first.
$ npm test -- test/cart
 FAIL  test/cart/discount.test.ts > two discounts are not added up
 AssertionError: expected 81 to be 80
   at test/cart/discount.test.ts:31:27
 Tests  1 failed | 48 passed (49)
# verify: npm test failed with exit status 1
# duration_seconds=203.114 exit=0 status=failed error_class=verify_failed
`;

async function failingTests(sample: Sample): Promise<void> {
  for (const part of ['cart', 'coupons', 'gift-cards', 'checkout']) {
    const more = { project: 'shop', task_type: 'test', max_attempts: 1 };
    await create(sample, `test-${part}`, `Test ${part.replace('-', ' ')} with two discounts`, more);
    const outcome = { status: 'failed', error_class: 'verify_failed', duration_seconds: 203, ...usage };
    await run(sample, { ...outcome, cost_usd: 0.31 }, 203, {
      error_message: 'npm test failed with exit status 1: two discounts are not added up',
      log_tail: failedLog,
      branch: `andon/test-${part}-1`,
      changes,
    });
  }
}

const changes = {
  base: 'f00dfeed',
  head: 'cafebabe',
  commits: 1,
  files: [{ path: 'test/cart/discount.test.ts', added: 44, deleted: 3 }],
  files_changed: 1,
  lines_added: 44,
  lines_deleted: 3,
};

async function asksForDecision(sample: Sample): Promise<void> {
  await create(sample, 'returns-window', 'Let customers return goods', { project: 'shop' });
  const decision_prompt =
    'The specification says 14 days, the terms on the site say 30.\nWhich one is right? I would take 30, since customers were promised it.';
  await run(sample, { status: 'completed', duration_seconds: 64, ...usage, cost_usd: 0.2 }, 64, {
    decision_prompt,
  });
}

async function alert({ service: { store }, folder, service, pass }: Sample): Promise<void> {
  await pass(30);
  const token = readFileSync(join(folder, 'alert-token'), 'utf8').trim();
  const labels = {
    alertname: 'AgentRepeatedFailures',
    category: 'pipeline',
    component: 'andon',
    severity: 'warning',
    project: 'shop',
    task_type: 'test',
  };
  const startsAt = (await store.tasks.find('test-checkout'))?.finished_at;
  const annotations = {
    summary: 'Agent tasks of one type fail again and again.',
    description: 'Four attempts of test in shop have failed within 1h, and none was completed.',
    runbook_url: `${service.url}/runbooks/AgentRepeatedFailures`,
  };
  await send(service, '/api/alerts', token, {
    version: '4',
    alerts: [{ status: 'firing', labels, annotations, startsAt, fingerprint: 'c0ffee0123456789' }],
  });
  while ((await store.alerts.webhookState()).unsettled > 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

async function create(sample: Sample, id: string, direction: string, more: object): Promise<void> {
  const { url, adminToken } = sample.service;
  await send({ url }, '/api/agent/tasks', adminToken, { id, direction, task_type: 'impl', ...more });
  await sample.pass(4);
}

async function claim({ service }: Sample, runner = 'build-1'): Promise<Claimed> {
  const request = { runner, executors: ['claude-code', 'codex'], free_workers: 1 };
  const { tasks } = await send(service, '/api/agent/tasks/claim', service.adminToken, request);
  return tasks[0];
}

async function run(sample: Sample, outcome: object, seconds: number, more: object = {}): Promise<void> {
  const { task, ...attempt } = await claim(sample);
  await sample.pass(seconds);
  const { lease_token, attempt: number } = attempt;
  await send(sample.service, `/api/agent/tasks/${task.id}/finish`, sample.service.adminToken, {
    lease_token,
    attempt: number,
    outcome,
    ...more,
  });
}

async function patchVerdict({ service }: Sample, id: string, verdict: string): Promise<void> {
  await send(service, `/api/agent/tasks/${id}/verdict`, service.adminToken, { verdict });
}

async function send({ url }: { url: string }, path: string, token: string, body: object) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return JSON.parse(await response.text());
}
