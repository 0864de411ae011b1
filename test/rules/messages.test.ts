import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendDueReport } from '../../src/app/report-schedule.ts';
import { alertmanagerConfig } from '../../src/monitoring/alertmanager-config.ts';
import { messageTemplates } from '../../src/monitoring/message-templates.ts';
import { notifications } from '../../src/monitoring/notifications.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { startAlertmanager } from '../../src/stack/alertmanager.ts';
import type { ServerProcess } from '../../src/stack/server-process.ts';
import { openSqlite } from '../contract/stores.ts';
import { neededServer } from '../needed-server.ts';
import { type Inbox, openInbox, partOf } from './inbox.ts';

let folder: string;
let inbox: Inbox;
let alertmanager: ServerProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-messages-'));
  inbox = await openInbox();
  const settings = notifications.parse({
    slack: { webhook_url: `${inbox.url}/slack`, channel: '#agents' },
    email: {
      to: ['eve@example.org'],
      from: 'andon@example.org',
      smarthost: inbox.smarthost,
      require_tls: false,
    },
    webhook: { url: `${inbox.url}/hook` },
    heartbeat_url: `${inbox.url}/alive`,
  });
  alertmanager = await startAlertmanager({
    server: neededServer('alertmanager'),
    port: 0,
    dataDir: folder,
    templates: messageTemplates('https://andon.example.org'),
    config: (templatesFile) =>
      alertmanagerConfig({
        objectives: {
          ...profiles.demo,
          people: { critical_wait: '1s', wait: '1s', interval: '1s', repeat: '1h', heartbeat: '1s' },
        },
        serviceUrl: inbox.url,
        templatesFile,
        notifications: settings,
      }),
    say: () => {},
  });
});

afterEach(async () => {
  await alertmanager.stop();
  await inbox.close();
  await rm(folder, { recursive: true, force: true });
});

interface SentAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  endsAt?: string;
}

/** An alert as Prometheus sends it. */
function alert(name: string, changes: Partial<SentAlert> = {}): SentAlert {
  const labels = {
    alertname: name,
    component: 'andon',
    severity: 'warning',
    category: 'pipeline',
    project: 'shop',
  };
  const annotations = {
    summary: 'Agent tasks of one type fail again and again.',
    description: '5 attempts at impl tasks of project shop failed within 6h.',
    runbook_url: `https://andon.example.org/runbooks/${name}`,
  };
  return {
    labels: { ...labels, ...changes.labels },
    annotations: { ...annotations, ...changes.annotations },
  };
}

async function send(...alerts: SentAlert[]): Promise<void> {
  const response = await fetch(`${alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts),
  });
  expect(response.status, await response.text()).toBe(200);
}

const callsTo = (path: string) => inbox.calls.filter((call) => call.path === path);
const timeout = { timeout: 10_000 };

test('what happened, since when, the runbook, the dashboard and the proposal arrive by mail, Slack and webhook', async () => {
  const dashboard_url = 'https://grafana.example.org/d/andon-pipeline?var-project=shop';
  await send(alert('AgentRepeatedFailures', { annotations: { dashboard_url } }));
  await expect.poll(() => inbox.mails.length, timeout).toBe(1);
  await expect.poll(() => callsTo('/slack').length, timeout).toBe(1);
  await expect.poll(() => callsTo('/hook').length, timeout).toBe(1);

  const [mail = ''] = inbox.mails;
  expect(mail).toMatch(/^Subject: Agent tasks of one type fail again and again\.\r$/m);
  expect(mail).toMatch(/^To: .*eve@example\.org/m);
  const { fingerprint } = JSON.parse(callsTo('/hook')[0]?.body ?? '').alerts[0];
  const proposal = `https://andon.example.org/improvements?alert_fingerprint=${fingerprint}`;
  const text = partOf(mail, 'text/plain');
  expect(text.replace(/\d+ \w{3} \d\d:\d\d UTC/, 'NOW').trim()).toBe(
    [
      'WARNING  Agent tasks of one type fail again and again.',
      '5 attempts at impl tasks of project shop failed within 6h.',
      'Since:      NOW',
      'Runbook:    https://andon.example.org/runbooks/AgentRepeatedFailures',
      `Dashboard:  ${dashboard_url}`,
      `Proposal:   ${proposal}`,
    ].join('\n'),
  );
  expect(partOf(mail, 'text/html')).toContain(`<a href="${proposal}">Proposal</a>`);
  const slack = JSON.parse(callsTo('/slack')[0]?.body ?? '');
  expect(slack).toMatchObject({ channel: '#agents' });
  expect(slack.attachments[0].text).toContain(
    `<https://andon.example.org/runbooks/AgentRepeatedFailures|What to do> · <${dashboard_url}|Dashboard> · <${proposal}|Proposal>`,
  );
});

test('text of an alert is neither markup nor a mention', async () => {
  const description = 'project <!channel> & <b>shop</b>';
  await send(alert('AgentPipelineStalled', { annotations: { description } }));
  await expect.poll(() => inbox.mails.length, timeout).toBe(1);
  await expect.poll(() => callsTo('/slack').length, timeout).toBe(1);
  expect(partOf(inbox.mails[0] ?? '', 'text/html')).toContain('&lt;!channel&gt; &amp; &lt;b&gt;shop');
  const [attachment] = JSON.parse(callsTo('/slack')[0]?.body ?? '').attachments;
  expect(attachment.text).toContain('project &lt;!channel&gt; &amp; &lt;b&gt;shop');
  expect(attachment.text).not.toContain('Proposal');
});

test('a night’s trouble is one message, and what has cleared is told', async () => {
  const night = ['AgentRepeatedFailures', 'AgentDecisionWaiting', 'AgentPipelineStalled'].map((name) =>
    alert(name),
  );
  await send(...night);
  await expect.poll(() => inbox.mails.length, timeout).toBe(1);
  expect(inbox.mails[0]).toMatch(/^Subject: 3 alerts, one of them: /m);
  const [first] = night;
  await send(...(first ? [{ ...first, endsAt: new Date().toISOString() }] : []));
  await expect.poll(() => inbox.mails.length, timeout).toBe(2);
  expect(partOf(inbox.mails[1] ?? '', 'text/plain')).toContain('CLEARED  Agent tasks of one type');
});

test('people are told though the webhook fails, and the webhook though mail and chat fail', async () => {
  inbox.failing.add('/api/alerts');
  await send(alert('AgentTaskTimeouts'));
  await expect.poll(() => inbox.mails.length, timeout).toBe(1);
  await expect.poll(() => callsTo('/slack').length, timeout).toBe(1);

  inbox.failing.clear();
  for (const path of ['/slack', '/hook']) inbox.failing.add(path);
  const before = callsTo('/api/alerts').length;
  await send(alert('AgentPipelineStalled'));
  await expect.poll(() => callsTo('/api/alerts').length, timeout).toBeGreaterThan(before);
  await expect.poll(() => inbox.mails.length, timeout).toBe(2);
});

test('as long as all is well the heartbeat goes out, and the webhook hears it too', async () => {
  await send(alert('Watchdog', { labels: { severity: 'info', category: 'self' } }));
  await expect.poll(() => callsTo('/alive').length, timeout).toBeGreaterThan(1);
  expect(callsTo('/api/alerts').length).toBeGreaterThan(0);
  expect(inbox.mails).toEqual([]);
});

/** What a report needs; it was due an hour ago. Alertmanager's clock is the machine's: it takes no other. */
function reporting() {
  const { store } = openSqlite();
  const later = { ms: 0 };
  return {
    store,
    later,
    clock: () => Date.now() + later.ms,
    at: new Date(Date.now() - 3_600_000).toISOString().slice(11, 16),
    timezone: 'UTC',
    publicUrl: 'https://andon.example.org',
    limits: { windowSeconds: 3600, repeatedFailures: 3, liveWithinSeconds: 300 },
    alertmanagerUrl: alertmanager.url,
  };
}

test('the report goes out once a day, also when all is well, and not to the webhook', async () => {
  const { later, ...options } = reporting();
  expect(await sendDueReport(options), 'the first start').toBe('nothing_due');
  later.ms = 24 * 3_600_000;
  expect(await sendDueReport(options)).toBe('sent');
  expect(await sendDueReport(options)).toBe('nothing_due');
  await expect.poll(() => inbox.mails.length, timeout).toBe(1);
  expect(inbox.mails[0]).toMatch(/^Subject: All is well: 0 done, 0 failed, spent \$0\.00\r$/m);
  expect(partOf(inbox.mails[0] ?? '', 'text/plain')).toMatch(/^All is well[\s\S]*DONE\nproject {2}completed/);
  await expect.poll(() => callsTo('/slack').length, timeout).toBe(1);
  expect(callsTo('/api/alerts')).toEqual([]);
});

test('a report that Alertmanager does not take is sent when it does', async () => {
  const { later, ...options } = reporting();
  await sendDueReport(options);
  later.ms = 24 * 3_600_000;
  const away = sendDueReport({ ...options, alertmanagerUrl: 'http://127.0.0.1:1' });
  await expect(away).rejects.toThrow('the report is not sent: Alertmanager at http://127.0.0.1:1');
  expect(await sendDueReport(options)).toBe('sent');
});
