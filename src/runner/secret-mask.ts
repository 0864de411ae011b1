import { bodyOf, lookBehind, type Secrets, shortestValue } from './secrets.ts';

/** What stands in place of a secret. */
export const masked = '***';

/**
 * Takes secrets out of a stream, wherever it is cut into pieces. What could be the beginning of one is held back
 * until the next piece; the rest goes through at once. Linear in the length of the stream.
 */
export class SecretMask {
  readonly #secrets: Secrets;
  /** What comes before `#held` in the stream, for patterns that look behind. */
  #before = '';
  #held = '';
  /** While a key goes on: what ends it. */
  #endOfKey?: RegExp;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /** What of the stream can be shown now. */
  push(chunk: Buffer): Buffer {
    const text = chunk.toString('latin1');
    const out = this.#take(text, false);
    return out === text ? chunk : Buffer.from(out, 'latin1');
  }

  /** The rest, at the end of the stream. The greater part of a value is masked as the whole is. */
  end(): Buffer {
    return Buffer.from(this.#take('', true), 'latin1');
  }

  #take(piece: string, ended: boolean): string {
    const text = this.#before + this.#held + this.#afterKey(piece);
    let at = this.#before.length;
    let out = '';
    let open = this.#openFrom(text, at);
    while (at < text.length) {
      // A secret that was found whole may have taken up what looked like the beginning of one.
      if (open.index < at) open = this.#openFrom(text, at);
      const found = this.#find(text, at);
      if (found && (found.index < open.index || ended)) {
        out += text.slice(at, found.index) + maskOf(found[0]);
        at = found.index + found[0].length;
        if (at === text.length) this.#endOfKey = bodyOf(found[0], this.#secrets);
        continue;
      }
      out += text.slice(at, open.index);
      at = open.index;
      if (!ended) break;
      out += open.isValue && text.length - at >= shortestValue ? masked : text.slice(at);
      at = text.length;
    }
    this.#before = text.slice(Math.max(0, at - lookBehind), at);
    this.#held = text.slice(at);
    return out;
  }

  /** What is left of a piece after the key that the piece before it ended in. */
  #afterKey(piece: string): string {
    if (!this.#endOfKey || piece === '') return piece;
    const end = piece.search(this.#endOfKey);
    const key = end < 0 ? piece : piece.slice(0, end);
    this.#before = (this.#before + key).slice(-lookBehind);
    if (end >= 0) this.#endOfKey = undefined;
    return piece.slice(key.length);
  }

  #find(text: string, from: number): RegExpExecArray | null {
    const { whole } = this.#secrets;
    whole.lastIndex = from;
    return whole.exec(text);
  }

  /** Where the earliest secret may begin that the text ends within; its length if there is none. */
  #openFrom(text: string, from: number): { index: number; isValue: boolean } {
    const { begun, longestForm, values } = this.#secrets;
    const look = Math.max(from - lookBehind, text.length - longestForm, 0);
    const end = text.slice(look);
    begun.lastIndex = Math.max(0, from - look);
    const index = begun.exec(end)?.index;
    let first = { index: index === undefined ? text.length : look + index, isValue: false };
    for (const value of values) {
      const at = valueBegins(text, value, from);
      if (at <= first.index && at < text.length) first = { index: at, isValue: true };
    }
    return first;
  }
}

/** A text without secrets. */
export function maskText(text: string, secrets: Secrets): string {
  const mask = new SecretMask(secrets);
  return Buffer.concat([mask.push(Buffer.from(text)), mask.end()]).toString();
}

/** Where the text ends with the beginning of this value; its length if it does not. */
function valueBegins(text: string, value: string, from: number): number {
  const head = value.slice(0, 1);
  let at = text.indexOf(head, Math.max(from, text.length - value.length + 1));
  while (at >= 0 && !value.startsWith(text.slice(at))) at = text.indexOf(head, at + 1);
  return at < 0 ? text.length : at;
}

/** The scheme of a header stays: it says what was there. */
function maskOf(found: string): string {
  const scheme = /^[Bb]earer /.exec(found);
  return scheme ? scheme[0] + masked : masked;
}
