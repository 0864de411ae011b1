import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import type { PanelDeclaration } from '../dashboard-declaration.ts';
import { legendBelow } from './legend.ts';
import { type PanelQuery, rangeQueries } from './panel-query.ts';
import { declarePanel, type PanelSpec } from './panel-spec.ts';

export interface TimelineSpec extends PanelSpec {
  query: PanelQuery;
  /** What the values mean, and their colours: the word is drawn too. */
  states: Readonly<Record<string, { text: string; color: string }>>;
}

/** When something was so: one row for each series. */
export function timeline(spec: TimelineSpec): PanelDeclaration {
  const { query, states } = spec;
  const options = Object.entries(states).map(([value, state], index) => [value, { ...state, index }]);
  const builder = new PanelBuilder()
    .targets(rangeQueries([query]))
    .interval('1m')
    .mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(options) }])
    .legend(legendBelow());
  return declarePanel(builder, spec, 8);
}
