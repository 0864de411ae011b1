import type { OutcomeLabels } from '../../domain/labels.ts';
import { matches, type Work } from '../work.ts';
import type { PipelineState } from './state.ts';

/** The labels of an outcome of this kind of work, now. */
export function labelsOf(
  { faults, minute }: PipelineState,
  work: Work,
): OutcomeLabels & Record<string, string> {
  const { project, task_type, executor } = work;
  const other = faults.active('other_model', minute).find(({ where }) => matches(work, where));
  return { project, task_type, model: other?.model ?? work.model, executor, variant: 'none' };
}
