import { z } from 'zod';

/**
 * A value that may become a Prometheus label: short, one line, no control characters.
 * Longer ones are refused at the edge, so that a label is never cut and two values never become one.
 */
export const labelValue = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters');

/** The labels of every outcome. No id is ever a label. */
export interface OutcomeLabels {
  project: string;
  task_type: string;
  model: string;
  executor: string;
  variant: string;
}

export type OutcomeLabel = keyof OutcomeLabels;

/** How many values each label may take; what comes after becomes `other`, and is counted. */
export const labelBounds: Record<OutcomeLabel, number> = {
  project: 50,
  task_type: 20,
  model: 60,
  executor: 20,
  variant: 100,
};

/** The value that stands for everything over the bound. */
export const overflowValue = 'other';

/** The value of `variant` for a task in no experiment and without tags of the caller's. */
export const noVariant = 'none';

/**
 * The `variant` label: `<experiment>/<arm>` for a task in an experiment, else made of the caller's tags
 * (`prompt:terse`, `skill:v2`, `prompt:terse,skill:v2`), else `none`.
 */
export function variantLabel(of: {
  experiment?: string;
  variant?: string;
  prompt_variant?: string;
  skill_version?: string;
}): string {
  if (of.experiment && of.variant) return `${of.experiment}/${of.variant}`;
  if (of.variant) return of.variant;
  const tags = [
    of.prompt_variant && `prompt:${of.prompt_variant}`,
    of.skill_version && `skill:${of.skill_version}`,
  ].filter(Boolean);
  return tags.length > 0 ? tags.join(',') : noVariant;
}
