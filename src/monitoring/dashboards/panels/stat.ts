import {
  BigValueColorMode,
  BigValueGraphMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import type { PanelDeclaration } from '../dashboard-declaration.ts';
import { instantQueries } from './panel-query.ts';
import { declarePanel, type PanelSpec } from './panel-spec.ts';

export interface StatSpec extends PanelSpec {
  expr: string;
  /** Words in place of single values. */
  words?: Readonly<Record<string, string>>;
  /** From which value on it is in another colour; the words or the number say the same. */
  orangeFrom?: number;
  redFrom?: number;
}

/** One number, as of the end of the time shown. */
export function stat(spec: StatSpec): PanelDeclaration {
  const { expr, words, orangeFrom, redFrom } = spec;
  const steps: Threshold[] = [{ value: null, color: (orangeFrom ?? redFrom) ? 'green' : 'text' }];
  if (orangeFrom !== undefined) steps.push({ value: orangeFrom, color: 'orange' });
  if (redFrom !== undefined) steps.push({ value: redFrom, color: 'red' });
  const builder = new PanelBuilder()
    .targets(instantQueries([{ expr }]))
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  if (words) builder.mappings([mapping(words)]);
  return declarePanel(builder, spec, 4);
}

function mapping(words: Readonly<Record<string, string>>): ValueMapping {
  const options = Object.entries(words).map(([value, text], index) => [value, { text, index }]);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) };
}
