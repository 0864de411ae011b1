/** A message's usage as Aider prints it: tokens to two digits or to thousands, money mostly to the cent. */
export interface PrintedUsage {
  /** Input, cached or not. */
  sent: number;
  cache_write: number;
  cache_hit: number;
  received: number;
  message_usd?: number | undefined;
  /** Of all messages up to this one. */
  session_usd?: number | undefined;
  /** True if it is Aider's estimate for a message that its provider refused. */
  refused?: boolean;
  text: string;
}

const count = String.raw`([\d.,]+[kM]?)`;
const usd = String.raw`\$([\d.]+)`;
const pattern = new RegExp(
  [
    `^Tokens: ${count} sent(?:, ${count} cache write)?(?:, ${count} cache hit)?, ${count} received\\.`,
    `(?: Cost: ${usd} (?:message|request|send), ${usd} session\\.)?`,
  ].join(''),
);
/** The longest that it can be, with room. */
const longest = 300;

export function usageBegins(line: string): boolean {
  return /^Tokens: [\d.,]+[kM]? sent\b/.test(line);
}

/**
 * Whether a line goes on with a usage: lines are broken at the width of a terminal, or at 80, and the cost has a line
 * of its own where both kinds of cached tokens are named.
 */
export function usageContinues(text: string, line: string): boolean {
  if (line === '' || usageBegins(line) || text.length + line.length > longest) return false;
  return text.endsWith(' received.') ? line.startsWith('Cost: ') : !/ session\./.test(text);
}

/** Undefined if it is not whole. */
export function parseUsage(text: string): PrintedUsage | undefined {
  const [, sent, write, hit, received, message, session] = pattern.exec(text) ?? [];
  if (sent === undefined || received === undefined) return undefined;
  const tokens = {
    sent: tokensOf(sent),
    cache_write: tokensOf(write ?? '0'),
    cache_hit: tokensOf(hit ?? '0'),
    received: tokensOf(received),
  };
  if (!Object.values(tokens).every(Number.isSafeInteger)) return undefined;
  return { ...tokens, message_usd: moneyOf(message), session_usd: moneyOf(session), text };
}

/** `512`, `4.3k`, `114k`. */
function tokensOf(text: string): number {
  const unit = text.endsWith('k') ? 1000 : text.endsWith('M') ? 1_000_000 : 1;
  return Math.round(Number(text.replace(/[kM]$/, '').replaceAll(',', '')) * unit);
}

function moneyOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? undefined : value;
}
