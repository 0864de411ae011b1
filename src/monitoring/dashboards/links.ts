import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { spans } from '../../telemetry/names.ts';
import { grafanaValue } from './grafana-value.ts';

/** Where what is drawn comes from: the labels of a series, or the columns of a table's row. */
export type LinkSource = 'series' | 'row';

/** What the links to Andon's pages begin with. */
export const andonUrl = grafanaValue('andon_url', 'raw');

/** The value of a label, for a URL. */
function labelValue(label: string, source: LinkSource): string {
  return grafanaValue(
    `${source === 'series' ? '__field.labels' : '__data.fields'}.${label}`,
    'percentencode',
  );
}

/** The tasks with these labels, and what else is asked for: ids are on the pages, not in Prometheus. */
export function tasksLink(labels: readonly string[], source: LinkSource, more = ''): DashboardLink {
  const query = [more, ...labels.map((label) => `${label}=${labelValue(label, source)}`)]
    .filter(Boolean)
    .join('&');
  return linkTo('Tasks in Andon', `${andonUrl}/tasks${query && `?${query}`}`);
}

export function improvementsLink(query: string): DashboardLink {
  return linkTo('Improvements in Andon', `${andonUrl}/improvements${query && `?${query}`}`);
}

/** What to do about the alert that a label names. */
export function runbookLink(label: string, source: LinkSource): DashboardLink {
  return linkTo('Runbook', `${andonUrl}/runbooks/${labelValue(label, source)}`);
}

const attributes: Readonly<Record<string, string>> = {
  project: spans.attributes.project,
  task_type: spans.attributes.taskType,
  executor: spans.attributes.executor,
};

/** The traces of the attempts with these labels, in the time shown. */
export function tracesLink(labels: readonly string[], source: LinkSource): DashboardLink {
  const conditions = labels.flatMap((label) =>
    attributes[label] ? `span.${attributes[label]}=\\"${labelValue(label, source)}\\"` : [],
  );
  const tempo = grafanaValue('tempo_datasource');
  const range = `{"from":"${grafanaValue('__from')}","to":"${grafanaValue('__to')}"}`;
  const query = `{"refId":"A","datasource":{"type":"tempo","uid":"${tempo}"},"queryType":"traceql","query":"{${conditions.join(' && ')}}"}`;
  const panes = `{"t":{"datasource":"${tempo}","queries":[${query}],"range":${range}}}`;
  return linkTo('Traces', `/explore?schemaVersion=1&panes=${encodeAround(panes)}`);
}

/** Encodes all but what Grafana puts values for. */
function encodeAround(text: string): string {
  return text
    .split(/(\$\{[^}]+\})/)
    .map((part) => (part.startsWith('${') ? part : encodeURIComponent(part)))
    .join('');
}

function linkTo(title: string, url: string): DashboardLink {
  return new DashboardLinkBuilder(title).url(url).targetBlank(true).build();
}
