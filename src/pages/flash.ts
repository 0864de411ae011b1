import type { Request, Response } from 'express';
import { readCookie, setCookie } from './cookies.ts';

/** What a page says once after a form has done its work. */
export const flashes = {
  signed_in: 'You are signed in.',
  signed_out: 'You are signed out.',
  approved: 'Approved: its task is in the queue.',
  rejected: 'Rejected. The same is not proposed again until there is twice the evidence.',
  answered: 'Answered: the task is back in the queue, with your answer.',
  cancelled: 'Cancelled.',
  cancelling: 'Its runner will end it with its next heartbeat.',
  queued: 'It is in the queue again.',
  opened: 'It gets tasks again.',
  judged: 'Your verdict is recorded.',
} as const;
export type FlashName = keyof typeof flashes;

/** For the next page of this browser. */
export function putFlash(response: Response, cookie: string, name: FlashName): void {
  setCookie(response, `${cookie}-said`, { value: name, seconds: 60 });
}

/** What was put, and takes it away. */
export function takeFlash(request: Request, response: Response, cookie: string): FlashName | undefined {
  const name = readCookie(request, `${cookie}-said`);
  if (name === undefined || request.method !== 'GET') return undefined;
  setCookie(response, `${cookie}-said`, { value: '', seconds: 0 });
  return Object.hasOwn(flashes, name) ? (name as FlashName) : undefined;
}
