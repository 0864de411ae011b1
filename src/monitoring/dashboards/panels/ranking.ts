import { PanelBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { enclose } from '../../promql.ts';
import type { PanelDeclaration } from '../dashboard-declaration.ts';
import { instantQueries, type PanelQuery } from './panel-query.ts';
import { declarePanel, type PanelSpec } from './panel-spec.ts';

export interface RankingSpec extends PanelSpec {
  query: PanelQuery;
  max?: number;
}

/** More would not be read. */
const most = 12;

/** What there is any of, the largest first, as bars with their names and figures. */
export function ranking(spec: RankingSpec): PanelDeclaration {
  const { query, max } = spec;
  const builder = new PanelBuilder()
    .targets(instantQueries([{ ...query, expr: `sort_desc(topk(${most}, ${enclose(query.expr)} > 0))` }]))
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .min(0);
  if (max !== undefined) builder.max(max);
  return declarePanel(builder, spec, 8);
}
