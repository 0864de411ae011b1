import type { Objectives } from './objectives.ts';

/**
 * One alert, in one place: its rule, its texts, and what improvement it asks for. One file each in `alerts/`.
 * The same name is used in code, rule, test and runbook.
 */
export interface AlertDeclaration {
  /** CamelCase, at most 40 characters. */
  name: string;
  severity: 'critical' | 'warning' | 'info';
  expr(objectives: Objectives): string;
  /** How long the expression must hold; a Prometheus duration. */
  for(objectives: Objectives): string;
  keepFiringFor?(objectives: Objectives): string;
  /** A plain sentence with a full stop, no templates. */
  summary: string;
  /** May use Prometheus's templates. */
  description(objectives: Objectives): string;
  /** The labels that say what the alert is about; with the name they are the improvement's identity. */
  subject: readonly string[];
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
