import type { Notifications } from './notifications.ts';

/** A receiver as Alertmanager has it. */
export interface Receiver {
  name: string;
  slack_configs?: object[];
  email_configs?: object[];
  webhook_configs?: object[];
}

export const receivers = {
  andon: 'andon',
  people: 'andon-people',
  report: 'andon-report',
  heartbeat: 'andon-heartbeat',
} as const;

/** Whether there is anybody to tell. */
export function tellsPeople({ slack, email, webhook }: Notifications): boolean {
  return Boolean(slack ?? email ?? webhook);
}

/** Who is told of alerts, and who gets the report: the same channels with other templates. */
export function peopleReceivers(notifications: Notifications): Receiver[] {
  if (!tellsPeople(notifications)) return [];
  return [
    channels(receivers.people, notifications, 'alerts'),
    channels(receivers.report, notifications, 'report'),
  ];
}

/** A dead man's switch, which is called as long as all is well. */
export function heartbeatReceivers({ heartbeat_url }: Notifications): Receiver[] {
  if (heartbeat_url === undefined) return [];
  return [{ name: receivers.heartbeat, webhook_configs: [{ url: heartbeat_url, send_resolved: false }] }];
}

function channels(
  name: string,
  { slack, email, webhook }: Notifications,
  about: 'alerts' | 'report',
): Receiver {
  const send_resolved = about === 'alerts';
  const text = (part: string) => `{{ template "andon.${about}.${part}" . }}`;
  return {
    name,
    ...(slack && {
      slack_configs: [
        {
          send_resolved,
          ...(slack.webhook_url_file
            ? { api_url_file: slack.webhook_url_file }
            : { api_url: slack.webhook_url }),
          ...(slack.channel && { channel: slack.channel }),
          color: text('color'),
          fallback: text('subject'),
          title: text('slack_title'),
          title_link: text('link'),
          text: text('slack_text'),
          mrkdwn_in: ['text'],
        },
      ],
    }),
    ...(email && {
      email_configs: email.to.map((to) => ({
        send_resolved,
        to,
        from: email.from,
        smarthost: email.smarthost,
        hello: 'andon',
        require_tls: email.require_tls,
        ...(email.username && { auth_username: email.username }),
        ...(email.password && { auth_password: email.password }),
        ...(email.password_file && { auth_password_file: email.password_file }),
        headers: { Subject: text('subject') },
        text: text('text'),
        html: text('html'),
      })),
    }),
    ...(webhook && {
      webhook_configs: [
        {
          send_resolved,
          url: webhook.url,
          http_config: {
            follow_redirects: false,
            ...(webhook.token_file && {
              authorization: { type: 'Bearer', credentials_file: webhook.token_file },
            }),
          },
        },
      ],
    }),
  };
}
