import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import type { PanelDeclaration } from '../dashboard-declaration.ts';
import { refIdOf, tableQueries } from './panel-query.ts';
import { declarePanel, type PanelSpec } from './panel-spec.ts';

export interface Column {
  title: string;
  expr: string;
  unit: string;
  decimals?: number;
}

export interface TableSpec extends Omit<PanelSpec, 'unit' | 'decimals' | 'links'> {
  /** The labels that name a row; other labels of the first query are not shown. */
  rows: readonly string[];
  columns: readonly Column[];
  /** Where a click on the names leads. */
  links?: readonly DashboardLink[];
  /** The title of the column that the rows are ordered by, the largest first; the first column unless said. */
  sortBy?: string;
  height?: number;
}

/** One row for each set of labels, with what each query says of it. */
export function table(spec: TableSpec): PanelDeclaration {
  const { rows, columns, links = [], sortBy = columns[0]?.title ?? '', height = 8 } = spec;
  const builder = new PanelBuilder()
    .targets(tableQueries(columns.map(({ expr }) => ({ expr }))))
    // Seven columns and a name in half of 1280 pixels.
    .minWidth(60)
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: organized(rows, columns) })
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
  for (const [index, row] of rows.entries()) {
    builder.overrideByName(row, [
      { id: 'displayName', value: row.replaceAll('_', ' ') },
      ...(index === 0 ? [{ id: 'custom.minWidth', value: 150 }] : []),
      ...(links.length > 0 ? [{ id: 'links', value: links }] : []),
    ]);
  }
  const [first] = columns;
  // So it is called where no other query has an answer.
  if (first) builder.overrideByName('Value', shown(first));
  for (const [index, column] of columns.entries()) {
    builder.overrideByName(valueName(index), shown(column));
  }
  return declarePanel(builder, { ...spec, unit: 'short', links: [] }, height);
}

function shown({ title, unit, decimals }: Column): DynamicConfigValue[] {
  return [
    { id: 'displayName', value: title },
    { id: 'unit', value: unit },
    // What stands for the whole table where it is empty would be wrong in a single cell.
    { id: 'noValue', value: '–' },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
  ];
}

/** What Grafana calls the values of a query, unless it is the only one. */
function valueName(index: number): string {
  return `Value #${refIdOf(index)}`;
}

function organized(rows: readonly string[], columns: readonly Column[]): object {
  const names = [...rows, 'Value', ...columns.map((_, index) => valueName(index))];
  return {
    excludeByName: { Time: true },
    indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
    renameByName: {},
  };
}
