import type { Request, Response } from 'express';

/** A cookie of the request; undefined if it is not there. */
export function readCookie(request: Request, name: string): string | undefined {
  const pairs = (request.get('cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Kept for so many seconds from scripts and from other sites; 0 takes it away. Sent over https alone if it came so. */
export function setCookie(
  response: Response,
  name: string,
  { value, seconds }: { value: string; seconds: number },
): void {
  const secure = isHttps(response.req) ? '; Secure' : '';
  response.append(
    'Set-Cookie',
    `${name}=${value}; Path=/; Max-Age=${Math.floor(seconds)}; HttpOnly; SameSite=Strict${secure}`,
  );
}

/** Whether the browser speaks https, maybe to a proxy before us: it says so itself with a form, else the proxy does. */
function isHttps(request: Request): boolean {
  const origin = request.get('origin');
  return origin === undefined
    ? request.get('x-forwarded-proto')?.split(',')[0]?.trim() === 'https'
    : origin.startsWith('https:');
}
