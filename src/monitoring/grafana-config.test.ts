import { expect, test } from 'vitest';
import { grafanaConfig, grafanaEnvironment } from './grafana-config.ts';

/** An ini file as sections of settings. */
function sectionsOf(ini: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const line of ini.split('\n').filter((text) => text !== '' && !text.startsWith('#'))) {
    const [, section] = /^\[(.+)\]$/.exec(line) ?? [];
    if (section) sections[section] = current = {};
    else current[line.split(' = ')[0] ?? ''] = line.split(' = ')[1] ?? '';
  }
  return sections;
}

const options = { port: 3001, dataDir: '/data/grafana', provisioning: '/andon/grafana/provisioning' };

test('only this machine reaches it, anybody there may look, and nobody has an account', () => {
  const sections = sectionsOf(grafanaConfig(options));
  expect(sections.server).toMatchObject({ http_addr: '127.0.0.1', http_port: '3001' });
  expect(sections['auth.anonymous']).toEqual({ enabled: 'true', org_role: 'Viewer' });
  expect(sections.security).toEqual({ disable_initial_admin_creation: 'true' });
  expect(sections.auth).toEqual({ disable_login_form: 'true' });
  expect(sections['auth.basic']).toEqual({ enabled: 'false' });
});

test('it keeps to its folder and calls nobody', () => {
  const { paths, analytics, plugins, dashboards } = sectionsOf(grafanaConfig(options));
  expect(paths).toEqual({
    data: '/data/grafana',
    logs: '/data/grafana/log',
    plugins: '/data/grafana/plugins',
    provisioning: '/andon/grafana/provisioning',
  });
  expect(new Set(Object.values(analytics ?? {}))).toEqual(new Set(['false']));
  expect(plugins).toEqual({ preinstall_disabled: 'true' });
  expect(dashboards).toBeUndefined();
  expect(sectionsOf(grafanaConfig({ ...options, homeDashboard: '/d/first.json' })).dashboards).toEqual({
    default_home_dashboard_path: '/d/first.json',
  });
});

test('what a shell has set for another Grafana does not open this one', () => {
  const env = grafanaEnvironment(
    { PATH: '/bin', GF_SERVER_HTTP_ADDR: '0.0.0.0', PROMETHEUS_URL: 'http://elsewhere:9090' },
    { prometheusUrl: 'http://127.0.0.1:9191', dashboards: '/d' },
  );
  expect(env).toEqual({
    PATH: '/bin',
    PROMETHEUS_URL: 'http://127.0.0.1:9191',
    ALERTMANAGER_URL: 'http://127.0.0.1:9093',
    TEMPO_URL: 'http://127.0.0.1:3200',
    ANDON_DASHBOARDS: '/d',
  });
});
