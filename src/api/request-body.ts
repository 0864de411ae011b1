import type { Request } from 'express';
import { AppError, messageOf } from '../domain/errors.ts';

/**
 * The body as text; empty if there is none. What is not UTF-8 is refused, never mended: two ids that differ in a
 * wrong byte would become one.
 */
export function bodyText(request: Request): string {
  const content: unknown = request.body;
  if (!Buffer.isBuffer(content)) return '';
  const [, charset = 'utf-8'] =
    /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(request.get('content-type') ?? '') ?? [];
  if (!/^utf-?8$/i.test(charset)) {
    throw new AppError('unsupported_media_type', `the body must be UTF-8, not ${charset}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw notReadable('the body is not UTF-8', 'must be UTF-8', error);
  }
}

/** @throws AppError `invalid` */
export function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch (error) {
    throw notReadable(`the body is not JSON: ${messageOf(error)}`.slice(0, 300), 'must be JSON', error);
  }
}

function notReadable(message: string, detail: string, cause: unknown): AppError {
  return new AppError('invalid', message, { cause, problems: [{ pointer: '', detail }] });
}
