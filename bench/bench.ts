import type { Distribution } from './distribution.ts';

/** One thing that is measured, by a name for the command line. */
export interface Bench {
  name: string;
  /** What is measured, against what. */
  summary: string;
  run(options: BenchOptions): Promise<Measured>;
}

export interface BenchOptions {
  /** A small round: to see that it runs, not to learn from its figures. */
  quick: boolean;
  /** What takes an hour and more, too. */
  long: boolean;
  /** Tells what is done now. */
  progress: (line: string) => void;
}

export interface Measured {
  tables: Table[];
  goals: Goal[];
}

/** Figures of one kind; every row has the same columns. */
export interface Table {
  title: string;
  rows: Record<string, Cell>[];
  /** How it was measured, where the title does not say. */
  notes?: string[];
}

export type Cell = string | number | Distribution;

/** What is to be reached. */
export interface Goal {
  what: string;
  /** How it is met: by what lies under it, and so on. */
  is: 'under' | 'at least' | 'at most';
  goal: number;
  measured: number;
  unit: string;
  met: boolean;
}

/** A goal that is met by what lies under it. */
export function under(what: string, goal: number, measured: number, unit: string): Goal {
  return { what, is: 'under', goal, measured, unit, met: measured < goal };
}

export function atLeast(what: string, goal: number, measured: number, unit: string): Goal {
  return { what, is: 'at least', goal, measured, unit, met: measured >= goal };
}

export function atMost(what: string, goal: number, measured: number, unit: string): Goal {
  return { what, is: 'at most', goal, measured, unit, met: measured <= goal };
}
