import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { profiles } from './objectives.ts';
import { prometheusConfig } from './server-configs.ts';

const base = {
  objectives: profiles.default,
  serviceUrl: 'http://127.0.0.1:8123',
  ruleFiles: ['rules/*.yml'],
  prometheusAddress: '127.0.0.1:9191',
};

test('Prometheus scrapes the service, finds runners through it, and calls Alertmanager', () => {
  const config = parse(
    prometheusConfig({ ...base, alertmanagerAddress: '127.0.0.1:9193', tokenFile: '/data/token' }),
  );
  const authorization = { type: 'Bearer', credentials_file: '/data/token' };
  expect(config).toEqual({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: ['rules/*.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: ['127.0.0.1:9193'] }] }] },
    scrape_configs: [
      {
        job_name: 'andon',
        scheme: 'http',
        authorization,
        static_configs: [{ targets: ['127.0.0.1:8123'] }],
      },
      {
        job_name: 'andon-runner',
        http_sd_configs: [
          {
            url: 'http://127.0.0.1:8123/api/agent/runners/targets',
            refresh_interval: '15s',
            authorization,
          },
        ],
      },
      { job_name: 'prometheus', static_configs: [{ targets: ['127.0.0.1:9191'] }] },
      { job_name: 'alertmanager', static_configs: [{ targets: ['127.0.0.1:9193'] }] },
    ],
  });
});

test('without tokens and Alertmanager both are left out', () => {
  const text = prometheusConfig({ ...base, objectives: profiles.demo });
  expect(text).not.toContain('authorization');
  expect(text).toContain('refresh_interval: "5s"');
  expect(parse(text).alerting.alertmanagers[0].static_configs[0].targets).toEqual([]);
});
