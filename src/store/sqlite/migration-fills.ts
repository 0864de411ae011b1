import type { Step } from './database.ts';
import { fillRollups } from './rollup-fill.ts';

/** What a migration does that SQL alone cannot, by its number: after its file, in the same transaction. */
export const fills: ReadonlyMap<number, (step: Step) => void> = new Map([[6, fillRollups]]);
