import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { alertmanagerConfig } from './alertmanager-config.ts';
import { messageTemplates } from './message-templates.ts';
import { notifications } from './notifications.ts';
import { profiles } from './objectives.ts';

const base = { objectives: profiles.default, serviceUrl: 'http://127.0.0.1:8123', tokenFile: '/data/token' };

test('Alertmanager calls the webhook, with the intervals of the profile', () => {
  const config = parse(alertmanagerConfig(base));
  expect(config.route).toMatchObject({
    receiver: 'andon',
    group_by: ['alertname', 'project', 'task_type'],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '4h',
  });
  expect(config.receivers).toEqual([
    {
      name: 'andon',
      webhook_configs: [
        {
          url: 'http://127.0.0.1:8123/api/alerts',
          send_resolved: true,
          http_config: {
            follow_redirects: false,
            authorization: { type: 'Bearer', credentials_file: '/data/token' },
          },
        },
      ],
    },
  ]);
});

test('a mute that goes past midnight ends on the next day', () => {
  const mute = [{ days: ['friday', 'sunday'], from: '22:00', to: '07:30', timezone: 'Europe/Berlin' }];
  const config = parse(alertmanagerConfig({ ...base, notifications: notifications.parse({ mute }) }));
  expect(config.time_intervals).toEqual([
    {
      name: 'andon-mute-1',
      time_intervals: [
        {
          times: [{ start_time: '22:00', end_time: '24:00' }],
          weekdays: ['friday', 'sunday'],
          location: 'Europe/Berlin',
        },
        {
          times: [{ start_time: '00:00', end_time: '07:30' }],
          weekdays: ['saturday', 'monday'],
          location: 'Europe/Berlin',
        },
      ],
    },
  ]);
});

test('critical alerts are muted only where that is said', () => {
  const settings = notifications.parse({
    webhook: { url: 'https://example.org/hook' },
    mute: [{ days: ['saturday'] }, { days: ['sunday'], critical: true }],
  });
  const { route } = parse(alertmanagerConfig({ ...base, notifications: settings }));
  const people = route.routes.filter(({ receiver }: { receiver: string }) => receiver === 'andon-people');
  expect(people.map((one: object) => Reflect.get(one, 'mute_time_intervals'))).toEqual([
    ['andon-mute-2'],
    ['andon-mute-1', 'andon-mute-2'],
  ]);
});

test.each([
  [{ slack: {} }, 'needs webhook_url or webhook_url_file'],
  [{ email: { to: ['nobody'], from: 'a@b.org', smarthost: 'mail:25' } }, 'email'],
  [{ email: { to: ['a@b.org'], from: 'a@b.org', smarthost: 'mail' } }, 'must be host:port'],
  [{ mute: [{ timezone: 'Mars/Olympus' }] }, 'must be a time zone'],
  [{ mute: [{ from: '7' }] }, 'must be a time of day'],
])('%o is refused', (settings, message) => {
  const { error } = notifications.safeParse(settings);
  expect(error?.message).toContain(message);
});

test('the templates name only alerts that make proposals', () => {
  const templates = messageTemplates('https://andon.example.org/');
  expect(templates).toContain('{{ define "andon.url" }}https://andon.example.org{{ end }}');
  expect(templates).toMatch(/match "\^\([^"]*AgentRepeatedFailures/);
  expect(templates).not.toMatch(/match "\^\([^"]*AgentPipelineStalled/);
});
