import { stringify } from 'yaml';
import type { GeneratedFile } from './generated-file.ts';
import type { Objectives } from './objectives.ts';
import { generatedHeader } from './rule-file.ts';

/** The data sources by their identity, which stays. */
export const dataSources = {
  prometheus: 'prometheus',
  alertmanager: 'alertmanager',
  tempo: 'tempo',
} as const;
export type DataSource = keyof typeof dataSources;

/** What Grafana puts into these files when it reads them, by the environment variable that it takes it from. */
export const provisioningVariables = {
  prometheus: 'PROMETHEUS_URL',
  alertmanager: 'ALERTMANAGER_URL',
  tempo: 'TEMPO_URL',
  dashboards: 'ANDON_DASHBOARDS',
} as const satisfies Record<DataSource | 'dashboards', string>;

/** The folder of the dashboards, from the project's own. */
export const dashboardsFolder = 'grafana/dashboards';
/** Of those, the one that is shown first. */
export const firstDashboard = 'andon-pipeline.json';
/** The folder of the files that follow. */
export const provisioningFolder = 'grafana/provisioning';

/** What makes a Grafana show the dashboards; the same for a Grafana on this machine and for one in a container. */
export function provisioningFiles(objectives: Objectives): GeneratedFile[] {
  return [
    { path: `${provisioningFolder}/datasources/andon.yaml`, content: yaml(dataSourceFile(objectives)) },
    { path: `${provisioningFolder}/dashboards/andon.yaml`, content: yaml(dashboardFile()) },
  ];
}

function dataSourceFile({ scrape_interval }: Objectives): object {
  return {
    apiVersion: 1,
    datasources: [
      dataSource('Prometheus', 'prometheus', {
        isDefault: true,
        jsonData: {
          httpMethod: 'POST',
          prometheusType: 'Prometheus',
          // `$__rate_interval` is made of it: too small, and panels are empty.
          timeInterval: scrape_interval,
          manageAlerts: true,
          alertmanagerUid: dataSources.alertmanager,
        },
      }),
      dataSource('Alertmanager', 'alertmanager', {
        // Unless said, Grafana takes it for Mimir's and asks under other paths.
        jsonData: { implementation: 'prometheus', handleGrafanaManagedAlerts: false },
      }),
      dataSource('Tempo', 'tempo', { jsonData: { nodeGraph: { enabled: true } } }),
    ],
  };
}

function dataSource(name: string, type: DataSource, settings: object): object {
  return {
    name,
    uid: dataSources[type],
    type,
    access: 'proxy',
    url: `$${provisioningVariables[type]}`,
    editable: false,
    ...settings,
  };
}

function dashboardFile(): object {
  return {
    apiVersion: 1,
    providers: [
      {
        name: 'andon',
        folder: 'Andon',
        folderUid: 'andon',
        type: 'file',
        disableDeletion: true,
        // They are generated: what is changed by hand is kept by "Save as", or lost.
        allowUiUpdates: false,
        updateIntervalSeconds: 60,
        options: { path: `$${provisioningVariables.dashboards}` },
      },
    ],
  };
}

function yaml(content: object): string {
  return generatedHeader + stringify(content, { lineWidth: 0 });
}
