/** As what the rules and jobs are written for a stack of somebody's own. */
export const stackFormats = ['files', 'prometheus-operator', 'compose'] as const;
export type StackFormat = (typeof stackFormats)[number];
