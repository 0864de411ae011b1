import { hourOf, isWorkday } from './calendar.ts';

/** When the tasks of a kind come: while people work, or as a queue for the night. */
export type Rhythm = 'office' | 'evening';

/** One kind of work: a set of labels, and what its tasks are like. */
export interface Work {
  project: string;
  task_type: string;
  executor: string;
  model: string;
  billing: 'metered' | 'subscription';
  rhythm: Rhythm;
  /** Tasks on a working day. */
  a_day: number;
  /** Medians of one attempt. */
  minutes: number;
  usd: number;
  /** Tokens that are not read from a cache. */
  tokens: number;
}

/** At the prices of 2026, written to caches and not read from them. */
export const tokensPerDollar = 400_000;

type Shape = Pick<Work, 'task_type' | 'a_day' | 'minutes' | 'usd'>;
type Engine = Pick<Work, 'executor' | 'model' | 'billing'>;

const opus: Engine = { executor: 'claude-code', model: 'claude-opus', billing: 'metered' };
const sonnet: Engine = { executor: 'claude-code', model: 'claude-sonnet', billing: 'metered' };
const codex: Engine = { executor: 'codex', model: 'gpt-codex', billing: 'metered' };
const gemini: Engine = { executor: 'gemini', model: 'gemini-pro', billing: 'subscription' };

/** A busy project, a smaller one, one under a subscription, and one that works at night. */
export const works: readonly Work[] = [
  work('shop', 'office', opus, { task_type: 'spec', a_day: 6, minutes: 12, usd: 0.6 }),
  work('shop', 'office', opus, { task_type: 'impl', a_day: 24, minutes: 22, usd: 1.2 }),
  work('shop', 'office', sonnet, { task_type: 'test', a_day: 16, minutes: 14, usd: 0.3 }),
  work('shop', 'office', codex, { task_type: 'review', a_day: 20, minutes: 6, usd: 0.25 }),
  work('shop', 'office', sonnet, { task_type: 'heal', a_day: 2, minutes: 10, usd: 0.3 }),
  work('till', 'office', sonnet, { task_type: 'spec', a_day: 3, minutes: 10, usd: 0.3 }),
  work('till', 'office', sonnet, { task_type: 'impl', a_day: 14, minutes: 18, usd: 0.6 }),
  work('till', 'office', codex, { task_type: 'test', a_day: 8, minutes: 12, usd: 0.2 }),
  work('till', 'office', codex, { task_type: 'review', a_day: 8, minutes: 6, usd: 0.2 }),
  work('docs', 'office', gemini, { task_type: 'impl', a_day: 10, minutes: 12, usd: 0.3 }),
  work('docs', 'office', gemini, { task_type: 'review', a_day: 8, minutes: 5, usd: 0.1 }),
  work('etl', 'evening', codex, { task_type: 'impl', a_day: 10, minutes: 25, usd: 0.5 }),
  work('etl', 'evening', codex, { task_type: 'test', a_day: 6, minutes: 15, usd: 0.2 }),
];

export const projects: readonly string[] = [...new Set(works.map(({ project }) => project))];
export const executors: readonly string[] = [...new Set(works.map(({ executor }) => executor))];

function work(project: string, rhythm: Rhythm, engine: Engine, shape: Shape): Work {
  return { project, rhythm, ...engine, ...shape, tokens: shape.usd * tokensPerDollar };
}

/** Which works are meant: those that agree in every member that is given. */
export type WorkFilter = Partial<Pick<Work, 'project' | 'task_type' | 'executor' | 'model'>>;

export function matches(work: Work, filter: WorkFilter): boolean {
  const { project, task_type, executor, model } = filter;
  return (
    (project ?? work.project) === work.project &&
    (task_type ?? work.task_type) === work.task_type &&
    (executor ?? work.executor) === work.executor &&
    (model ?? work.model) === work.model
  );
}

/** How many tasks of a kind come in this minute, on average. */
export function arrivalRate({ rhythm, a_day }: Work, minute: number): number {
  const hour = hourOf(minute);
  const [begin, end] = rhythm === 'office' ? [9, 18] : [18.5, 20.5];
  if (hour < begin || hour >= end) return 0;
  const lunch = hour >= 12 && hour < 13 ? 0.4 : 1;
  // Somebody is there at the weekend now and then.
  const day = isWorkday(minute) ? 1 : 0.06;
  return (a_day * day * lunch) / ((end - begin) * 60);
}
