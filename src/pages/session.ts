import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { AccessRules, AccessToken } from '../api/access.ts';
import type { Clock } from '../domain/clock.ts';

const claims = z.strictObject({ id: z.string(), ends: z.number(), name: z.string().optional() });
type Claims = z.infer<typeof claims>;

/** A browser that was here before: of somebody who has signed in, or of one who has only been shown a form. */
export interface Session {
  id: string;
  /** In milliseconds. */
  ends: number;
  /** The token that was signed in with, as the settings have it now. */
  token?: AccessToken;
}

export interface SessionsOptions {
  /** Of this service alone. Who knows it can make sessions, but needs the token as well to be signed in. */
  secret: string;
  access: AccessRules;
  clock: Clock;
  seconds: number;
}

/**
 * Sessions that the browser keeps, in a cookie that says which token was signed in with, by its name, and until when.
 * It is authenticated with a secret and that token itself: it holds nothing that opens anything else, ends when the
 * token is changed or taken away, and survives a restart. That one was signed out is remembered until the restart.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  /** Those that were signed out, with when they would have ended. */
  readonly #ended = new Map<string, number>();
  /** One for each instance: cookies do not tell ports apart, and two on one machine must not sign each other out. */
  readonly cookie: string;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.cookie = `andon-${mac(options.secret, 'cookie').toString('hex').slice(0, 8)}`;
  }

  get seconds(): number {
    return this.#options.seconds;
  }

  /** A new session, and what its cookie holds; without a token that of a form. */
  begin(token?: AccessToken): { session: Session; value: string } {
    const { clock, seconds } = this.#options;
    const id = randomBytes(18).toString('base64url');
    const ends = clock() + seconds * 1000;
    const text = Buffer.from(JSON.stringify({ id, ends, name: token?.name } satisfies Claims)).toString(
      'base64url',
    );
    return {
      session: { id, ends, token },
      value: `${text}.${this.#sign(text, token).toString('base64url')}`,
    };
  }

  /** The session of a cookie; undefined if it was not made here, or is over. */
  read(value: string | undefined): Session | undefined {
    const [text = '', signature = ''] = value?.split('.') ?? [];
    const parsed = claims.safeParse(jsonOf(text)).data;
    if (!parsed || parsed.ends <= this.#options.clock() || this.#ended.has(parsed.id)) return undefined;
    const { id, ends, name } = parsed;
    const given = Buffer.from(signature, 'base64url');
    // A name may stand for several tokens.
    const candidates =
      name === undefined ? [undefined] : this.#options.access.tokens.filter((token) => token.name === name);
    for (const token of candidates) if (same(given, this.#sign(text, token))) return { id, ends, token };
    return undefined;
  }

  end({ id, ends }: Session): void {
    const now = this.#options.clock();
    for (const [other, over] of this.#ended) if (over <= now) this.#ended.delete(other);
    this.#ended.set(id, ends);
  }

  /** What every form of this session carries, and no other page can know. */
  formToken({ id }: Session): string {
    return mac(this.#options.secret, `form ${id}`).toString('base64url');
  }

  isFormToken(session: Session, given: string): boolean {
    return same(Buffer.from(given), Buffer.from(this.formToken(session)));
  }

  #sign(text: string, token: AccessToken | undefined): Buffer {
    return mac(mac(this.#options.secret, `session ${token?.token ?? ''}`), text);
  }
}

function mac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
