import { stringify } from 'yaml';
import { alertComponent } from '../telemetry/names.ts';
import { inhibitRules } from './inhibit-rules.ts';
import { muteIntervals, mutesFor } from './mute-intervals.ts';
import { type Notifications, notifications as schema } from './notifications.ts';
import type { Objectives } from './objectives.ts';
import {
  heartbeatReceivers,
  peopleReceivers,
  type Receiver,
  receivers,
  tellsPeople,
} from './people-receivers.ts';

export interface AlertmanagerConfigOptions {
  objectives: Objectives;
  /** Where the service is, without a path: `http://127.0.0.1:8000`. */
  serviceUrl: string;
  /** A file with a token of the scope `alert`; asked for when the service has tokens. */
  tokenFile?: string;
  /** Whom to tell besides the service; nobody, unless said. */
  notifications?: Notifications;
  /** The file of `messageTemplates`; needed where people are told. */
  templatesFile?: string;
}

/** A route as Alertmanager has it. */
export interface AlertRoute {
  receiver: string;
  matchers?: string[];
  continue?: boolean;
  [setting: string]: unknown;
}

/** How people are told of Andon's alerts and of nothing else. */
const ours = `component="${alertComponent}"`;
/** The alert that carries the report; it fires for nobody else. */
export const reportAlert = 'AndonReport';
/** The alert that always fires: what hears of it is reached. */
export const heartbeatAlert = 'Watchdog';

/** The whole of `alertmanager.yml`, for an Alertmanager that is Andon's own. */
export function alertmanagerConfig(options: AlertmanagerConfigOptions): string {
  const { notifications = schema.parse({}), templatesFile } = options;
  const intervals = muteIntervals(notifications.mute);
  const config = {
    ...(templatesFile && { templates: [templatesFile] }),
    route: {
      ...webhookRoute(options),
      routes: [...childRoutes({ ...options, notifications }), { receiver: receivers.andon }],
    },
    inhibit_rules: inhibitRules(),
    ...(intervals.length > 0 && { time_intervals: intervals }),
    receivers: allReceivers({ ...options, notifications }),
  };
  return `# Written by Andon when it starts, from its settings: changes are lost.\n${stringify(config, { lineWidth: 0 })}`;
}

/** The service's webhook gets every alert at once, whoever else is told. */
export function webhookRoute({ objectives }: AlertmanagerConfigOptions): AlertRoute {
  const { group_wait, group_interval, repeat_interval } = objectives.alertmanager;
  return {
    receiver: receivers.andon,
    group_by: ['alertname', 'project', 'task_type'],
    group_wait,
    group_interval,
    repeat_interval,
  };
}

/** The routes before the webhook's. Each but the report's goes on, so that the webhook is told too. */
export function childRoutes(options: AlertmanagerConfigOptions): AlertRoute[] {
  const { objectives, notifications = schema.parse({}) } = options;
  const { wait, critical_wait, interval, repeat, heartbeat } = objectives.people;
  const people = tellsPeople(notifications);
  const told = (severity: 'critical' | 'other', matcher: string, group_wait: string): AlertRoute => {
    const mutes = mutesFor(notifications.mute, severity);
    return {
      receiver: receivers.people,
      matchers: [ours, matcher],
      continue: true,
      // Not by alert: what a night's trouble fires is one message.
      group_by: ['component'],
      group_wait,
      group_interval: interval,
      repeat_interval: repeat,
      ...(mutes.length > 0 && { mute_time_intervals: mutes }),
    };
  };
  // At each interval: one that is as long as the other is not over yet when it is looked at.
  const beat = {
    group_by: ['alertname'],
    group_wait: '0s',
    group_interval: heartbeat,
    repeat_interval: '1s',
  };
  return [
    ...(people
      ? [
          {
            receiver: receivers.report,
            matchers: [ours, `alertname="${reportAlert}"`],
            group_by: ['alertname', 'report'],
            group_wait: '0s',
            repeat_interval: '24h',
          },
        ]
      : []),
    ...(notifications.heartbeat_url
      ? [
          {
            receiver: receivers.heartbeat,
            matchers: [ours, `alertname="${heartbeatAlert}"`],
            continue: true,
            ...beat,
          },
        ]
      : []),
    // So that the service knows that Prometheus and Alertmanager reach it.
    { receiver: receivers.andon, matchers: [ours, `alertname="${heartbeatAlert}"`], ...beat },
    ...(people
      ? [told('critical', 'severity="critical"', critical_wait), told('other', 'severity="warning"', wait)]
      : []),
  ];
}

/** Every receiver that the routes name. */
export function allReceivers(options: AlertmanagerConfigOptions): Receiver[] {
  const { serviceUrl, tokenFile, notifications = schema.parse({}) } = options;
  return [
    {
      name: receivers.andon,
      webhook_configs: [
        {
          url: new URL('/api/alerts', serviceUrl).href,
          send_resolved: true,
          http_config: {
            follow_redirects: false,
            ...(tokenFile && { authorization: { type: 'Bearer', credentials_file: tokenFile } }),
          },
        },
      ],
    },
    ...heartbeatReceivers(notifications),
    ...peopleReceivers(notifications),
  ];
}
