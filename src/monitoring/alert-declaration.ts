import type { DashboardName } from './dashboards/filters.ts';
import type { Objectives } from './objectives.ts';

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** What an alert is about: the work, a provider or a set-up, money and tokens, or Andon itself. */
export const alertCategories = ['pipeline', 'provider', 'usage', 'self'] as const;
export type AlertCategory = (typeof alertCategories)[number];

export interface Inhibition {
  /** The name of the alert that is the cause. */
  alert: string;
  /** The labels in which both must agree; none: whatever they are about. */
  equal?: readonly string[];
}

/**
 * One alert, in one place: its rule, its texts, and what improvement it asks for. One file each in `alerts/`.
 * The same name is used in code, rule, test and runbook.
 */
export interface AlertDeclaration {
  /** CamelCase, at most 40 characters. */
  name: string;
  severity: Severity;
  category: AlertCategory;
  expr(objectives: Objectives): string;
  /** It reads hours of samples, and is evaluated less often than the others. */
  slow?: boolean;
  /** When it fires, in words with the thresholds and windows in force; for the docs. */
  condition(objectives: Objectives): string;
  /** How long the expression must hold; a Prometheus duration. */
  for(objectives: Objectives): string;
  keepFiringFor?(objectives: Objectives): string;
  /** A plain sentence with a full stop, no templates. */
  summary: string;
  /** May use Prometheus's templates. */
  description(objectives: Objectives): string;
  /** The labels that say what the alert is about; with the name they are the improvement's identity. */
  subject: readonly string[];
  /** What makes a message about it superfluous while it fires: the causes that it would follow from. */
  inhibitedBy?: readonly Inhibition[];
  /** The dashboard that shows more. */
  dashboard: DashboardName;
  /** The improvement it asks for; absent if it only tells a person. */
  improvement?: ImprovementRequest;
}

export interface ImprovementRequest {
  /** What kind of improvement, for settings and figures: `heal`, … */
  kind: string;
  /** One line; `subject` holds the alert's subject labels. */
  title(subject: Record<string, string>): string;
  /** What the agent is asked to do, in our words; the alert itself is quoted behind it, as data. */
  direction(subject: Record<string, string>): string;
}
