import {
  BarAlignment,
  GraphDrawStyle,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelDeclaration } from '../dashboard-declaration.ts';
import { legendBelow } from './legend.ts';
import { type PanelQuery, rangeQueries } from './panel-query.ts';
import { declarePanel, type PanelSpec } from './panel-spec.ts';

export interface ChartSpec extends PanelSpec {
  queries: readonly PanelQuery[];
  /** Colours that mean something, by the name of the series; its name says the same. */
  colours?: Readonly<Record<string, string>>;
  /** Series that are dashed, by their names as a regular expression. */
  dashed?: string;
  max?: number;
}

/** As few as let each be read and be as long as an hour where a day is shown. */
const barsShown = 24;

/**
 * Stacked bars of counts, each of the time until the next one: where few things happen a rate says little. The query
 * counts within `$__interval`.
 */
export function bars(spec: ChartSpec): PanelDeclaration {
  const builder = chart(spec)
    .interval('5m')
    .maxDataPoints(barsShown)
    .drawStyle(GraphDrawStyle.Bars)
    .barAlignment(BarAlignment.After)
    .fillOpacity(70)
    .lineWidth(1)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  return declarePanel(builder, spec, 8);
}

/** Lines of what is, or was over a window, at each moment. */
export function lines(spec: ChartSpec): PanelDeclaration {
  const builder = chart(spec)
    .interval('1m')
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(2)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false);
  return declarePanel(builder, spec, 8);
}

function chart({ queries, colours = {}, dashed, max }: ChartSpec): PanelBuilder {
  const builder = new PanelBuilder()
    .targets(rangeQueries(queries))
    .min(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .legend(legendBelow())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (max !== undefined) builder.max(max);
  for (const [name, fixedColor] of Object.entries(colours)) {
    builder.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  if (dashed !== undefined) {
    builder.overrideByRegexp(dashed, [{ id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } }]);
  }
  return builder;
}
