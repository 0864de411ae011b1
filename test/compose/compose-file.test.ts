import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  dashboardsFolder,
  firstDashboard,
  provisioningFolder,
  provisioningVariables,
} from '../../src/monitoring/grafana-provisioning.ts';
import { bindsOf, composeFile, composeServices, mountsOf, root } from './compose-file.ts';

const services = composeServices();
const named = (name: string) => {
  const [, service] = services.find(([other]) => other === name) ?? [];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
};

test('the file is what the Compose specification describes', () => {
  const { $schema: _, ...schema } = JSON.parse(
    readFileSync(join(import.meta.dirname, 'compose.schema.json'), 'utf8'),
  );
  const ajv = new Ajv({ strict: false, allErrors: true });
  // Its own formats; the durations are Go's, not those of ISO 8601.
  for (const format of ['ports', 'expose', 'subnet_ip_address']) ajv.addFormat(format, true);
  ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
  const validate = ajv.compile(schema);
  validate(composeFile());
  expect(validate.errors).toBeNull();
  validate({ services: { service: { image: 'x', memory_limit: '1g' } } });
  expect(validate.errors).not.toBeNull();
});

test('it has the whole loop, and what is to come only on request', () => {
  expect(services.map(([name]) => name)).toEqual([
    'service',
    'runner',
    'prometheus',
    'alertmanager',
    'grafana',
    'tempo',
    'redis',
  ]);
  expect(services.filter(([, { profiles }]) => profiles).map(([name]) => name)).toEqual(['redis']);
});

test('it refuses to start without a password for Grafana, and says how to make one', () => {
  const refused = () => composeFile({});
  expect(refused).toThrow('GRAFANA_ADMIN_PASSWORD');
  expect(refused).toThrow('echo GRAFANA_ADMIN_PASSWORD=`openssl rand -hex 16` >> .env');
  expect(readFileSync(join(root, '.gitignore'), 'utf8')).toMatch(/^\.env$/m);
});

test('no secret is written in it', () => {
  const raw = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
  const secrets = [...raw.matchAll(/^\s+\w*(?:PASSWORD|SECRET|TOKEN|KEY): (.*)$/gm)].map(
    ([, value]) => value,
  );
  expect(secrets).toHaveLength(1);
  expect(secrets[0]).toMatch(/^"\$\{GRAFANA_ADMIN_PASSWORD:\?/);
});

test.each(services)('%s: an exact tag', (_name, { image }) => {
  expect(image).toMatch(/^[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)?$/);
});

test.each(services)('%s: nobody but this machine reaches its ports', (_name, { ports = [] }) => {
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test.each(services)('%s: no root, no capabilities, nothing to write but its volumes', (_name, service) => {
  expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
  expect(service.read_only).toBe(true);
  expect(service.cap_drop).toEqual(['ALL']);
  expect(service.security_opt).toContain('no-new-privileges:true');
  for (const { source, target, readOnly } of bindsOf(service)) {
    expect(readOnly, `${source} at ${target}`).toBe(true);
  }
});

test.each(services)('%s: it is watched, bounded and started again', (_name, service) => {
  expect(service.healthcheck.test[0]).toMatch(/^CMD/);
  expect(service.healthcheck.test.length).toBeGreaterThan(1);
  expect(service.mem_limit).toMatch(/^\d+[mg]$/);
  expect(service.restart).toBe('unless-stopped');
});

test.each(services)('%s: what it mounts of the project is there', (_name, service) => {
  for (const { source } of bindsOf(service)) expect(existsSync(join(root, source)), source).toBe(true);
});

test.each(services)('%s: what it waits for can become healthy', (_name, { depends_on = {} }) => {
  for (const [name, { condition }] of Object.entries(depends_on)) {
    expect(condition).toBe('service_healthy');
    expect(named(name).profiles, `${name} is not always there`).toBeUndefined();
  }
});

test.each(services)(
  '%s: what it calls is a service, or itself',
  (name, { environment = {}, healthcheck }) => {
    const urls = [...Object.values(environment), ...healthcheck.test].filter((text) => /^https?:/.test(text));
    const hosts = urls.map((url) => new URL(url).hostname);
    const known = [...services.map(([other]) => other), 'localhost', '127.0.0.1'];
    expect(
      hosts.filter((host) => !known.includes(host)),
      name,
    ).toEqual([]);
  },
);

test('every volume is declared and used', () => {
  const used = services.flatMap(([, service]) =>
    mountsOf(service)
      .map(({ source }) => source)
      .filter((source) => /^\w/.test(source)),
  );
  expect([...new Set(used)].sort()).toEqual(Object.keys(composeFile().volumes).sort());
});

test.each([
  ['service', '/data'],
  ['runner', '/data'],
  ['prometheus', '/prometheus'],
  ['alertmanager', '/alertmanager'],
  ['grafana', '/var/lib/grafana'],
  ['tempo', '/var/tempo'],
  ['redis', '/data'],
])('%s keeps its state in a volume of its own', (name, folder) => {
  const own = mountsOf(named(name)).filter(({ source, readOnly }) => /^\w/.test(source) && !readOnly);
  const state = own.find(({ target }) => target === folder);
  expect(state?.source).toMatch(new RegExp(`^${name}-data$`));
  const sharing = services.filter(([, service]) =>
    mountsOf(service).some(({ source }) => source === state?.source),
  );
  expect(sharing.map(([other]) => other)).toEqual([name]);
});

test('each token is seen by the service and by the one that needs it', () => {
  const seeing = (volume: string) =>
    services.flatMap(([name, service]) =>
      mountsOf(service)
        .filter(({ source }) => source === volume)
        .map(({ target, readOnly }) => `${name} ${target} ${readOnly ? 'reads' : 'writes'}`),
    );
  expect(seeing('token-read')).toEqual(['service /tokens/read writes', 'prometheus /run/andon reads']);
  expect(seeing('token-report')).toEqual(['service /tokens/report writes', 'runner /run/andon reads']);
  expect(seeing('token-alert')).toEqual(['service /tokens/alert writes', 'alertmanager /run/andon reads']);
  // They are the service's own and nobody else's to read, so that their readers must be the same user.
  const [uid] = named('service').user.split(':');
  for (const name of ['runner', 'prometheus', 'alertmanager'])
    expect(named(name).user.split(':')[0]).toBe(uid);
});

test('the service shows the logs that the runner writes', () => {
  const logs = (name: string) => mountsOf(named(name)).find(({ target }) => target === '/data/logs');
  expect(logs('runner')).toMatchObject({ source: 'task-logs', readOnly: false });
  expect(logs('service')).toMatchObject({ source: 'task-logs', readOnly: true });
});

test('Prometheus keeps more than any dashboard shows, and both servers’ own flags are as on this machine', () => {
  const days = Number(/retention\.time=(\d+)d/.exec(named('prometheus').command?.join(' ') ?? '')?.[1]);
  expect(days).toBeGreaterThanOrEqual(60);
  // Without this it listens for other Alertmanagers on every interface.
  expect(named('alertmanager').command).toContain('--cluster.listen-address=');
});

test('Grafana gets every variable that its provisioning files use', () => {
  const { environment = {}, volumes } = named('grafana');
  expect(Object.keys(environment)).toEqual(expect.arrayContaining(Object.values(provisioningVariables)));
  const mounted = Object.fromEntries(bindsOf(named('grafana')).map(({ source, target }) => [target, source]));
  expect(mounted).toEqual({
    [environment[provisioningVariables.dashboards] ?? '']: `./${dashboardsFolder}`,
    '/etc/grafana/provisioning/dashboards': `./${provisioningFolder}/dashboards`,
    '/etc/grafana/provisioning/datasources': `./${provisioningFolder}/datasources`,
  });
  expect(volumes).toHaveLength(4);
});

const dashboards = readdirSync(join(root, dashboardsFolder)).filter((name) => name.endsWith('.json'));

test.skipIf(dashboards.length === 0)('Grafana opens with a dashboard that is there', () => {
  const { environment = {} } = named('grafana');
  const path = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
  expect(path).toBe(`${environment[provisioningVariables.dashboards]}/${firstDashboard}`);
  expect(dashboards).toContain(firstDashboard);
});

test('Tempo takes spans where the runner sends them, and is asked where Grafana asks', () => {
  const tempo = parse(readFileSync(join(root, 'compose/tempo.yaml'), 'utf8'));
  expect(named('runner').environment?.OTEL_EXPORTER_OTLP_ENDPOINT).toBe('http://tempo:4318');
  expect(tempo.distributor.receivers.otlp.protocols.http.endpoint).toBe('0.0.0.0:4318');
  expect(named('grafana').environment?.TEMPO_URL).toBe(`http://tempo:${tempo.server.http_listen_port}`);
  for (const folder of [tempo.storage.trace.local.path, tempo.storage.trace.wal.path]) {
    expect(folder).toMatch(/^\/var\/tempo\//);
  }
});
