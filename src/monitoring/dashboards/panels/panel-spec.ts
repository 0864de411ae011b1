import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DashboardLink, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelDeclaration } from '../dashboard-declaration.ts';
import { prometheusSource } from './panel-query.ts';

/** What every panel says of itself. */
export interface PanelSpec {
  title: string;
  description: string;
  width: number;
  /** As Grafana calls it: `short`, `s`, `percentunit`, `currencyUSD`, … */
  unit: string;
  /** What is shown where there is no data: in words, so that it is neither an error nor a zero. */
  noValue: string;
  /** There may be nothing to show though all is well. */
  mayBeEmpty?: boolean;
  /** Where a click on what is drawn leads. */
  links?: readonly DashboardLink[];
  decimals?: number;
}

/** What all of the SDK's panel builders can do. */
interface AnyPanelBuilder extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  datasource(datasource: typeof prometheusSource): this;
  unit(unit: string): this;
  noValue(noValue: string): this;
  dataLinks(links: Builder<DashboardLink>[]): this;
  decimals(decimals: number): this;
}

/** Gives a panel what its specification says. */
export function declarePanel(builder: AnyPanelBuilder, spec: PanelSpec, height: number): PanelDeclaration {
  const { title, description, width, unit, noValue, mayBeEmpty = false, links = [], decimals } = spec;
  builder.title(title).description(description).datasource(prometheusSource).unit(unit).noValue(noValue);
  if (links.length > 0) builder.dataLinks(links.map((link) => ({ build: () => link })));
  if (decimals !== undefined) builder.decimals(decimals);
  return { title, description, width, height, expectsData: !mayBeEmpty, panel: builder.build() };
}
