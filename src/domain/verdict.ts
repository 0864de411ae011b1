/** What people or CI make of a task's work later. */
export const verdicts = ['accepted', 'rejected', 'reverted'] as const;
export type Verdict = (typeof verdicts)[number];
