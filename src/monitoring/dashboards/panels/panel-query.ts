import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { grafanaValue } from '../grafana-value.ts';

/** The Prometheus that the dashboard's variable names. */
export const prometheusSource: DataSourceRef = { type: 'prometheus', uid: grafanaValue('datasource') };

/** What is asked for, and how each series of the answer is called; labels are put in for `{{label}}`. */
export interface PanelQuery {
  expr: string;
  legend?: string;
}

/** Over the time shown, one value for each point. */
export function rangeQueries(queries: readonly PanelQuery[]): Builder<Dataquery>[] {
  return queries.map((query, index) => base(query, index).range());
}

/** At the end of the time shown. */
export function instantQueries(queries: readonly PanelQuery[]): Builder<Dataquery>[] {
  return queries.map((query, index) => base(query, index).instant());
}

/** The same as rows with the labels as columns. */
export function tableQueries(queries: readonly PanelQuery[]): Builder<Dataquery>[] {
  return queries.map((query, index) => base(query, index).instant().format(PromQueryFormat.Table));
}

/** The name by which a panel knows a query. */
export function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function base({ expr, legend }: PanelQuery, index: number): DataqueryBuilder {
  const query = new DataqueryBuilder().datasource(prometheusSource).refId(refIdOf(index)).expr(expr);
  return legend === undefined ? query : query.legendFormat(legend);
}
