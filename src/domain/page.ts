import { AppError } from './errors.ts';

/** One page of a list; `next_cursor` is null on the last. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Where a page begins: after the item with this time (milliseconds) and id. */
export interface Cursor {
  at: number;
  id: string;
}

export function encodeCursor(cursor: Cursor): string {
  return Buffer.from(`${cursor.at}:${cursor.id}`).toString('base64url');
}

/** @throws AppError `invalid` if the text was not made by `encodeCursor` */
export function decodeCursor(text: string): Cursor {
  const [, at, id] = /^(-?\d{1,16}):(.+)$/s.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (at === undefined || id === undefined) throw notOurs();
  return { at: Number(at), id };
}

/** The same where the ids are numbers. @throws AppError `invalid` */
export function decodeNumberCursor(text: string): { at: number; id: number } {
  const { at, id } = decodeCursor(text);
  if (!/^\d{1,15}$/.test(id)) throw notOurs();
  return { at, id: Number(id) };
}

function notOurs(): AppError {
  return new AppError('invalid', 'cursor is not one that this API gave', {
    problems: [{ pointer: '/cursor', detail: 'must be the next_cursor of an earlier answer' }],
  });
}

/** Cuts a list that was read with `limit + 1` rows into a page. */
export function pageOf<T>(rows: T[], limit: number, cursorOf: (row: T) => Cursor): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next_cursor: rows.length > limit && last ? encodeCursor(cursorOf(last)) : null };
}
