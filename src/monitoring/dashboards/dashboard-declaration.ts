import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardName } from './filters.ts';

/** One panel: what is drawn, and what the tests and the docs know of it. */
export interface PanelDeclaration {
  title: string;
  /** What it says and how to read it, in plain sentences. */
  description: string;
  /** In columns of the grid, of which there are 24. */
  width: number;
  /** In rows of the grid, about 30 pixels each. */
  height: number;
  /** Whether a pipeline that works always has something to show here. */
  expectsData: boolean;
  /** The panel as Grafana reads it, without its place. */
  panel: Panel;
}

/** Panels under a heading, from left to right; each line of them is as wide as the grid and of one height. */
export interface Section {
  title: string;
  panels: readonly PanelDeclaration[];
}

/** One dashboard, in one file, which reads like its table of contents. What it is filtered by is in `filters.ts`. */
export interface DashboardDeclaration {
  name: DashboardName;
  title: string;
  /** The question that it answers, in one sentence. */
  answers: string;
  sections: readonly Section[];
  /** What is shown when it is opened, as Grafana writes it. */
  from: string;
  /** Alerts that are marked apart from the others, and what they are called. */
  marks?: { name: string; alerts: readonly string[] };
}
