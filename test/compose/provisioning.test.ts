import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { dataSources, provisioningVariables } from '../../src/monitoring/grafana-provisioning.ts';
import { profiles } from '../../src/monitoring/objectives.ts';
import { root } from './compose-file.ts';

/**
 * What Grafana documents for these files (grafana.com/docs, administration/provisioning, and the pages of the three data
 * sources), as far as it is used: a name that is not there would be passed over in silence.
 */
const dataSource = z.strictObject({
  name: z.string(),
  uid: z
    .string()
    .max(40)
    .regex(/^[\w-]+$/),
  type: z.enum(['prometheus', 'alertmanager', 'tempo']),
  access: z.literal('proxy'),
  url: z.string(),
  isDefault: z.boolean().optional(),
  editable: z.boolean(),
  jsonData: z.strictObject({
    httpMethod: z.enum(['GET', 'POST']).optional(),
    prometheusType: z.enum(['Prometheus', 'Cortex', 'Mimir', 'Thanos']).optional(),
    timeInterval: z.string().optional(),
    manageAlerts: z.boolean().optional(),
    alertmanagerUid: z.string().optional(),
    implementation: z.enum(['prometheus', 'mimir', 'cortex']).optional(),
    handleGrafanaManagedAlerts: z.boolean().optional(),
    nodeGraph: z.strictObject({ enabled: z.boolean() }).optional(),
  }),
});
const dataSourceFile = z.strictObject({ apiVersion: z.literal(1), datasources: z.array(dataSource) });
const dashboardFile = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      folder: z.string(),
      folderUid: z.string().max(40),
      type: z.literal('file'),
      disableDeletion: z.boolean(),
      allowUiUpdates: z.boolean(),
      updateIntervalSeconds: z.int().min(1),
      options: z.strictObject({ path: z.string() }),
    }),
  ),
});

const text = (path: string) => readFileSync(join(root, 'grafana/provisioning', path), 'utf8');
const { datasources } = dataSourceFile.parse(parse(text('datasources/andon.yaml')));
const { providers } = dashboardFile.parse(parse(text('dashboards/andon.yaml')));
const found = (type: string) => datasources.find((source) => source.type === type);

test('the three data sources keep their identity, and one is taken unless said', () => {
  expect(Object.fromEntries(datasources.map(({ type, uid }) => [type, uid]))).toEqual(dataSources);
  expect(datasources.filter(({ isDefault }) => isDefault).map(({ type }) => type)).toEqual(['prometheus']);
});

test('what Grafana cannot find out by itself is said', () => {
  expect(found('prometheus')?.jsonData).toMatchObject({
    timeInterval: profiles.default.scrape_interval,
    alertmanagerUid: found('alertmanager')?.uid,
  });
  expect(found('alertmanager')?.jsonData.implementation).toBe('prometheus');
});

test('the dashboards are in a folder of their own, and are what the files say', () => {
  expect(providers).toHaveLength(1);
  expect(providers[0]).toMatchObject({ folder: 'Andon', disableDeletion: true, allowUiUpdates: false });
});

test('every address and path is a variable, and no other `$` is in the files', () => {
  const used = [...datasources.map(({ url }) => url), ...providers.map(({ options }) => options.path)];
  expect(used.sort()).toEqual(
    Object.values(provisioningVariables)
      .map((name) => `$${name}`)
      .sort(),
  );
  const dollars = (text('datasources/andon.yaml') + text('dashboards/andon.yaml')).match(/\$/g) ?? [];
  // Grafana would put the environment's value in place of any other; a `$` itself is written `$$` there.
  expect(dollars).toHaveLength(used.length);
});
