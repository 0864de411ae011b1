import { z } from 'zod';
import { httpAddress } from '../domain/http-address.ts';
import { validZone } from '../domain/wall-clock.ts';

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day like 08:30');

/** A time zone by its IANA name. */
export const timeZone = z
  .string()
  .refine((name) => validZone(name) !== undefined, 'must be a time zone like Europe/Berlin')
  .default('UTC')
  .meta({ description: 'Its time zone.' });

const oneOf = (a: string, b: string) => ({
  error: `needs ${a} or ${b}, and not both`,
});

const slack = z
  .strictObject({
    webhook_url: httpAddress.optional().meta({ description: 'Slack’s incoming webhook.' }),
    webhook_url_file: z.string().min(1).optional().meta({ description: 'A file that holds it.' }),
    channel: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'The channel, where the webhook leaves it open.' }),
  })
  .refine(
    ({ webhook_url, webhook_url_file }) => (webhook_url === undefined) !== (webhook_url_file === undefined),
    oneOf('webhook_url', 'webhook_url_file'),
  );

const email = z
  .strictObject({
    to: z.array(z.email()).min(1).meta({ description: 'Who gets it.' }),
    from: z.email().meta({ description: 'Who it is from.' }),
    smarthost: z
      .string()
      .regex(/^[^\s:]+:\d+$/, 'must be host:port')
      .meta({ description: 'The mail server, as `host:port`.' }),
    username: z.string().optional().meta({ description: 'Who signs in there, if anybody must.' }),
    password: z.string().optional().meta({ description: 'With this password.' }),
    password_file: z.string().min(1).optional().meta({ description: 'A file that holds it.' }),
    require_tls: z.boolean().default(true).meta({ description: 'Whether mail goes out over TLS only.' }),
  })
  .refine(({ password, password_file }) => !(password && password_file), oneOf('password', 'password_file'));

const webhook = z.strictObject({
  url: httpAddress.meta({ description: 'What is called, with Alertmanager’s JSON (version 4).' }),
  token_file: z.string().min(1).optional().meta({ description: 'A file with a bearer token for it.' }),
});

const mute = z.strictObject({
  days: z.array(z.enum(days)).min(1).optional(),
  from: timeOfDay.default('00:00'),
  to: z.union([timeOfDay, z.literal('24:00')]).default('24:00'),
  timezone: timeZone,
  critical: z.boolean().default(false),
});

/** Whom Andon tells, and when. Nobody, unless said. */
export const notifications = z.strictObject({
  slack: slack.optional(),
  email: email.optional(),
  webhook: webhook.optional(),
  report: z
    .strictObject({
      at: timeOfDay.meta({ description: 'When the report of the day before is sent.' }),
      timezone: timeZone,
    })
    .optional(),
  alertmanager_url: httpAddress.optional().meta({
    description:
      'The Alertmanager that sends the report; the one that `andon start` has started, unless said.',
  }),
  heartbeat_url: httpAddress.optional().meta({
    description:
      'Called every few minutes as long as Prometheus and Alertmanager work: a dead man’s switch of somebody else’s.',
  }),
  mute: z.array(mute).max(20).default([]).meta({
    description:
      'When nobody is told: `days`, `from`, `to` (the next day, if earlier), `timezone`; critical alerts only with `critical: true`.',
  }),
});
export type Notifications = z.infer<typeof notifications>;
export type Mute = z.infer<typeof mute>;
