import { z } from 'zod';
import { verdicts } from './verdict.ts';

/** What was judged where the id is that of no task here, but of a run that was measured or reported. */
export const judgedRun = z
  .object({
    id: z.string(),
    attempt: z.int().meta({ description: 'The last one that was recorded: the verdict is about it.' }),
    task_type: z.string(),
    project: z.string(),
    executor: z.string(),
    model: z.string(),
    status: z.literal('completed'),
    verdict: z.enum(verdicts),
    pull_request: z.string().optional(),
  })
  .meta({ id: 'JudgedRun' });
export type JudgedRun = z.infer<typeof judgedRun>;
