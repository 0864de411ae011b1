import type { SQLOutputValue } from 'node:sqlite';

/** A row as SQLite gives it; the readers below say what a column must hold. */
export type Row = Record<string, SQLOutputValue>;

export function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw new TypeError(`a text column held ${typeof value}`);
  return value;
}

export function number(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'number') throw new TypeError(`a number column held ${typeof value}`);
  return value;
}

export function blob(value: SQLOutputValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`a blob column held ${typeof value}`);
  return value;
}

export function maybeText(value: SQLOutputValue | undefined): string | undefined {
  return value === null || value === undefined ? undefined : text(value);
}

export function maybeNumber(value: SQLOutputValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : number(value);
}

/** A column in milliseconds as RFC 3339. */
export function maybeTime(value: SQLOutputValue | undefined): string | undefined {
  const milliseconds = maybeNumber(value);
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
