export const improvementStates = [
  'proposed',
  'approved',
  'scheduled',
  'done',
  'verified',
  'rejected',
  'expired',
  'withdrawn',
] as const;
export type ImprovementState = (typeof improvementStates)[number];

/** The states in which an identity is taken: a further alert adds evidence, never a second proposal. */
export const openStates: readonly ImprovementState[] = ['proposed', 'approved', 'scheduled'];
