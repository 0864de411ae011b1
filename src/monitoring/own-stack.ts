import { parse, stringify } from 'yaml';
import { alertComponent, jobs } from '../telemetry/names.ts';
import {
  allReceivers,
  childRoutes,
  heartbeatAlert,
  reportAlert,
  webhookRoute,
} from './alertmanager-config.ts';
import { composeFiles } from './compose-stack.ts';
import { dashboardFiles } from './dashboards/dashboard-files.ts';
import type { GeneratedFile } from './generated-file.ts';
import { inhibitRules } from './inhibit-rules.ts';
import { messageTemplates } from './message-templates.ts';
import { muteIntervals } from './mute-intervals.ts';
import type { Notifications } from './notifications.ts';
import type { Objectives } from './objectives.ts';
import { operatorObjects } from './operator-objects.ts';
import { tellsPeople } from './people-receivers.ts';
import { ruleFiles } from './rule-file.ts';
import type { StackFormat } from './stack-format.ts';

export interface OwnStackOptions {
  objectives: Objectives;
  notifications: Notifications;
  /** Where Prometheus and Alertmanager reach the service. */
  serviceUrl: string;
  /** How people reach it. */
  publicUrl: string;
  grafanaUrl?: string;
  /** Whether the service asks for tokens. */
  tokens: boolean;
}

/** Where tokens are expected, on the machines of Prometheus and Alertmanager. */
export const tokenFiles = {
  read: '/etc/prometheus/andon-read-token',
  alert: '/etc/alertmanager/andon-alert-token',
} as const;

const templatesPath = 'alertmanager/andon.tmpl';
const header = '# Written by `andon generate --out`. Do not edit: it is written again.\n';

/** What a Prometheus, an Alertmanager and a Grafana that exist already need, as files to load and parts to merge. */
export function ownStackFiles(options: OwnStackOptions, format: StackFormat): GeneratedFile[] {
  if (format === 'compose') {
    return [
      ...ruleFiles(options),
      ...composeFiles(options),
      ...dashboardFiles(options.publicUrl),
      { path: 'README.md', content: composeInstructions(options) },
    ];
  }
  const alertmanager = alertmanagerPart(options);
  const [recording, alerts] = ruleFiles(options).map(({ content }) => content);
  const common = [
    {
      path: 'alertmanager/andon.yml',
      content: yaml(alertmanager),
      secret: tellsPeople(options.notifications),
    },
    ...(tellsPeople(options.notifications)
      ? [{ path: templatesPath, content: messageTemplates(options.publicUrl) }]
      : []),
    ...dashboardFiles(options.publicUrl),
    { path: 'README.md', content: instructions(options, format) },
  ];
  if (format === 'prometheus-operator') {
    const groups = [recording, alerts].flatMap((content) => parse(content ?? '').groups);
    return [...operatorObjects({ ...options, groups, header }), ...common];
  }
  return [
    { path: 'prometheus/rules/andon.recording.yml', content: recording ?? '' },
    { path: 'prometheus/rules/andon.alerts.yml', content: alerts ?? '' },
    { path: 'prometheus/andon.scrape.yml', content: yaml({ scrape_configs: scrapeConfigs(options) }) },
    ...common,
  ];
}

function scrapeConfigs({ objectives, serviceUrl, tokens }: OwnStackOptions): object[] {
  const service = new URL(serviceUrl);
  const authorization = tokens
    ? { authorization: { type: 'Bearer', credentials_file: tokenFiles.read } }
    : {};
  const scrape_interval = objectives.scrape_interval;
  return [
    {
      job_name: jobs.service,
      scrape_interval,
      scheme: service.protocol.replace(':', ''),
      ...authorization,
      static_configs: [{ targets: [service.host] }],
    },
    {
      job_name: jobs.runner,
      scrape_interval,
      http_sd_configs: [{ url: new URL('/api/agent/runners/targets', service).href, ...authorization }],
    },
  ];
}

function composeInstructions({ publicUrl }: OwnStackOptions): string {
  return [
    '# Andon’s containers with settings of your own',
    '',
    `Written by \`andon generate --out --format compose\` for ${publicUrl}. Write it again after an upgrade or a change of`,
    'settings; nothing in here is for editing.',
    '',
    'In `.env`, beside `docker-compose.yml`: `ANDON_STACK` is this folder, and `ANDON_SETTINGS` the file of the settings.',
    'Then `docker compose up -d --force-recreate`.',
    '',
  ].join('\n');
}

/** The routes come first in somebody's tree and go on, so that theirs see the alerts as before. */
function alertmanagerPart(options: OwnStackOptions): object {
  const { notifications, tokens } = options;
  const settings = { ...options, tokenFile: tokens ? tokenFiles.alert : undefined };
  const intervals = muteIntervals(notifications.mute);
  const others = `alertname!~"${heartbeatAlert}|${reportAlert}"`;
  const ours = { matchers: [`component="${alertComponent}"`, others], continue: true };
  return {
    ...(tellsPeople(notifications) && { templates: ['/etc/alertmanager/andon.tmpl'] }),
    route: {
      routes: [
        ...childRoutes(settings).map((route) => ({ ...route, continue: true })),
        { ...webhookRoute(settings), ...ours },
      ],
    },
    inhibit_rules: inhibitRules(),
    ...(intervals.length > 0 && { time_intervals: intervals }),
    receivers: allReceivers(settings),
  };
}

function instructions({ tokens, publicUrl }: OwnStackOptions, format: StackFormat): string {
  const files = format === 'files';
  const steps = [
    ...(files
      ? [
          'Put `prometheus/rules/*.yml` where Prometheus’s `rule_files` finds them.',
          'Add the two jobs of `prometheus/andon.scrape.yml` to its `scrape_configs` (or name the file in ' +
            '`scrape_config_files`, from Prometheus 2.43 on).',
        ]
      : [
          '`kubectl apply -f kubernetes/`. Set the namespace, and the labels that your Prometheus selects its objects by; ' +
            'the ServiceMonitor expects a Service with the label `app.kubernetes.io/name: andon` and a port `http`.',
        ]),
    'Merge `alertmanager/andon.yml` into Alertmanager’s configuration: its routes before yours (each goes on to the ' +
      'next, so that yours see what they saw before), its receivers, inhibitions and time intervals beside yours. ' +
      'Alertmanager’s first receiver gets only what no route takes: name it in a last route without matchers.',
    ...(tokens
      ? [
          files
            ? `Write a token of the scope \`read\` to \`${tokenFiles.read}\`, and one of the scope \`alert\` to \`${tokenFiles.alert}\`.`
            : `Make a secret \`andon-tokens\` with a token of the scope \`read\` as \`read\`, and write one of the scope \`alert\` to \`${tokenFiles.alert}\` for Alertmanager.`,
        ]
      : []),
    'Put `grafana/dashboards/*.json` where a dashboard provider of your Grafana finds them, or import them. They ask for a ' +
      'Prometheus data source, whose “scrape interval” should be that of the jobs, and for a Tempo one if you have traces.',
    'Reload Prometheus and Alertmanager, then run `andon check --prometheus URL --alertmanager URL`: it says what is missing.',
  ];
  return [
    '# Andon on a Prometheus, an Alertmanager and a Grafana of your own',
    '',
    `Written by \`andon generate --out\` for ${publicUrl}, with the thresholds of its settings. Write it again after an`,
    'upgrade or a change of settings; nothing in here is for editing.',
    '',
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    '',
  ].join('\n');
}

function yaml(content: object): string {
  return header + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
}
