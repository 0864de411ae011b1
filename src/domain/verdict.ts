/** What people or CI make of the work of a task or a run later. */
export const verdicts = ['accepted', 'rejected', 'reverted'] as const;
export type Verdict = (typeof verdicts)[number];
