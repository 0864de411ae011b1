import { readFileSync } from 'node:fs';

/** What the fake agents have noted of themselves. */
export interface Journal {
  /** How often each attempt has begun, by `<task> <attempt>`. */
  begun: Map<string, number>;
  /** How often it has come to its end. */
  ended: Map<string, number>;
}

export function readJournal(file: string): Journal {
  const journal: Journal = { begun: new Map(), ended: new Map() };
  for (const line of linesOf(file)) {
    const [what, ...attempt] = line.split(' ');
    const counts = what === 'begun' ? journal.begun : journal.ended;
    const key = attempt.join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return journal;
}

/** How many attempts have begun. */
export function countBegun(file: string): number {
  return linesOf(file).filter((line) => line.startsWith('begun ')).length;
}

function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean);
}
