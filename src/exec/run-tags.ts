import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import { labelValue } from '../domain/labels.ts';
import { outcomeFields } from '../domain/outcome.ts';
import { problemsOf } from '../domain/problems.ts';

/** What the caller says of a run: whose it is, and what to compare it by. */
const runTags = z.object({
  task_id: outcomeFields.shape.task_id,
  attempt: outcomeFields.shape.attempt,
  task_type: labelValue,
  project: labelValue,
  executor: labelValue.optional(),
  model: labelValue.optional(),
  prompt_variant: labelValue.optional(),
  skill_version: labelValue.optional(),
  experiment: labelValue.optional(),
  variant: labelValue.optional(),
});
export type RunTags = z.output<typeof runTags>;

/** @throws AppError `invalid` that names each wrong one, before anything is run */
export function readTags(given: z.input<typeof runTags>): RunTags {
  const parsed = runTags.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = problemsOf(parsed.error).map(({ pointer, detail }) => `--${optionOf(pointer)}: ${detail}`);
  throw new AppError('invalid', wrong.join('; '));
}

function optionOf(pointer: string): string {
  return pointer.slice(1).replaceAll('_', '-');
}
