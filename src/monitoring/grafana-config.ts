import { provisioningVariables } from './grafana-provisioning.ts';

export interface GrafanaConfigOptions {
  /** Its port on loopback. */
  port: number;
  /** Where it keeps everything. */
  dataDir: string;
  /** The folder of the provisioning files. */
  provisioning: string;
  /** The dashboard that is shown first. */
  homeDashboard?: string;
}

/**
 * `grafana.ini` of a Grafana on this machine that anybody here may look at and nobody may change: there is no account,
 * so none with the password that Grafana has by default.
 */
export function grafanaConfig({ port, dataDir, provisioning, homeDashboard }: GrafanaConfigOptions): string {
  const sections: Record<string, Record<string, string | number | boolean>> = {
    paths: { data: dataDir, logs: `${dataDir}/log`, plugins: `${dataDir}/plugins`, provisioning },
    server: {
      protocol: 'http',
      http_addr: '127.0.0.1',
      http_port: port,
      root_url: `http://127.0.0.1:${port}/`,
    },
    security: { disable_initial_admin_creation: true },
    auth: { disable_login_form: true },
    'auth.basic': { enabled: false },
    'auth.anonymous': { enabled: true, org_role: 'Viewer' },
    users: { allow_sign_up: false },
    analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
    news: { news_feed_enabled: false },
    plugins: { preinstall_disabled: true },
    log: { mode: 'console', level: 'warn' },
    ...(homeDashboard && { dashboards: { default_home_dashboard_path: homeDashboard } }),
  };
  const lines = Object.entries(sections).flatMap(([name, settings]) => [
    `[${name}]`,
    ...Object.entries(settings).map(([setting, value]) => `${setting} = ${value}`),
    '',
  ]);
  return ['# Written by Andon when it starts Grafana: changes are lost.', ...lines].join('\n');
}

export interface GrafanaSources {
  prometheusUrl?: string;
  alertmanagerUrl?: string;
  tempoUrl?: string;
  /** The folder of the dashboards. */
  dashboards: string;
}

/**
 * What Grafana inherits: our environment without `GF_…`, which would go before its configuration and could open it to
 * others, and with what the provisioning files use. A server that is not there is where it would be by default.
 */
export function grafanaEnvironment(env: NodeJS.ProcessEnv, sources: GrafanaSources): NodeJS.ProcessEnv {
  const inherited = Object.entries(env).filter(([name]) => !name.startsWith('GF_'));
  return {
    ...Object.fromEntries(inherited),
    [provisioningVariables.prometheus]: sources.prometheusUrl ?? 'http://127.0.0.1:9090',
    [provisioningVariables.alertmanager]: sources.alertmanagerUrl ?? 'http://127.0.0.1:9093',
    [provisioningVariables.tempo]: sources.tempoUrl ?? 'http://127.0.0.1:3200',
    [provisioningVariables.dashboards]: sources.dashboards,
  };
}
