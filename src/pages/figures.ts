import type { Attempt } from '../domain/attempt.ts';
import { type Html, html } from './html.ts';

const units: [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
];

/** "0.8 s", "45 s", "2 min 5 s", "3 h 12 min", "2 d 4 h": two units at most. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const index = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[index] ?? ['min', 60];
  const [nextName, nextSize] = units[index + 1] ?? ['s', 1];
  const next = Math.floor((whole % size) / nextSize);
  const first = `${Math.floor(whole / size)} ${name}`;
  return next === 0 ? first : `${first} ${next} ${nextName}`;
}

/** A time as it was, and how long ago or ahead that is: "2026-03-02 09:00:05 UTC (5 min ago)". */
export function timeOf(time: string, now: number): Html {
  return html`<time datetime="${time}">${clockText(time)} <span class="age">(${agoText(time, now)})</span></time>`;
}

/** The same in a narrow column: the age, with the time behind it. */
export function ageOf(time: string, now: number): Html {
  return html`<time datetime="${time}" title="${clockText(time)}">${agoText(time, now)}</time>`;
}

function clockText(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function agoText(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  const [largest = ''] = /^\S+ \S+/.exec(durationText(Math.round(Math.abs(seconds)))) ?? [];
  return seconds > 0 ? `${largest} ago` : `in ${largest}`;
}

const inGroups = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });

export function countText(count: number): string {
  return inGroups.format(count);
}

/** "12,345" up to a hundred thousand, then "1.23M". */
export function tokensText(tokens: number): string {
  return tokens < 100_000 ? inGroups.format(tokens) : compact.format(tokens);
}

/** "1 task", "3 tasks" */
export function plural(count: number, one: string, more = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : more}`;
}

/** To a tenth of a cent where it is little; what is under that is not rounded to nothing. */
export function usdText(usd: number): string {
  if (usd > 0 && usd < 0.0001) return 'under $0.0001';
  const digits = usd < 1 ? 4 : 2;
  return `$${new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits }).format(usd)}`;
}

/** What an attempt cost. What nobody knows is said to be so, and is never $0. */
export function costText({
  cost_usd,
  cost_source,
  usage_state,
  billing,
}: Pick<Attempt, 'cost_usd' | 'cost_source' | 'usage_state' | 'billing'>): string {
  if (cost_source === undefined) return '';
  if (cost_source === 'none') return 'none';
  if (cost_usd === undefined)
    return usage_state === 'none' ? 'unknown (no usage told)' : 'unknown (no price)';
  return billing === 'subscription' ? `${usdText(cost_usd)} notional` : usdText(cost_usd);
}
