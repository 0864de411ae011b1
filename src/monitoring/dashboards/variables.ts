import {
  ConstantVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { ledgerMetrics, storeGauges } from '../../telemetry/names.ts';
import type { Filter } from './filters.ts';
import { prometheusSource } from './panels/panel-query.ts';

/** The variables that every dashboard has, and one for each of its filters. */
export function variablesOf(filters: readonly Filter[], publicUrl: string): VariableModel[] {
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus').build(),
    new DatasourceVariableBuilder('tempo_datasource').label('Tempo data source').type('tempo').build(),
    ...filters.map(filterVariable),
    // What links to Andon's pages begin with.
    new ConstantVariableBuilder('andon_url').label('Andon').value(publicUrl.replace(/\/+$/, '')).build(),
  ];
}

/** The values that a label has had in the time shown; all of them, unless some are chosen. */
function filterVariable(label: Filter): VariableModel {
  const { name } = label === 'kind' ? storeGauges.improvements : ledgerMetrics.tasks_finished;
  const query = `label_values(${name}, ${label})`;
  return (
    new QueryVariableBuilder(label)
      .label(label.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()))
      .datasource(prometheusSource)
      .query(query)
      .definition(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc)
      .multi(true)
      .includeAll(true)
      // Also what has no such label at all.
      .allValue('.*')
      .current({ selected: true, text: ['All'], value: ['$__all'] })
      .build()
  );
}
