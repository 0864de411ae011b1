import type { Attempt } from '../domain/attempt.ts';
import { stateBadge } from './badge.ts';
import { costText, countText, durationText, plural, timeOf, tokensText, usdText } from './figures.ts';
import { type Html, html } from './html.ts';
import { table } from './table.ts';
import type { Visit } from './visit.ts';

/** Every attempt with what it used; the last one first. */
export function attemptsTable(visit: Visit, attempts: readonly Attempt[]): Html {
  return table({
    caption: 'The last one first',
    columns: [
      { title: 'Attempt' },
      { title: 'Status', as: 'wide' },
      { title: 'Began', as: 'wide' },
      { title: 'Took', as: 'figure' },
      { title: 'Ran on', as: 'short' },
      { title: 'Tokens', as: 'wide' },
      { title: 'Cost', as: 'figure' },
      { title: 'Changed', as: 'wide' },
    ],
    rows: attempts
      .toReversed()
      .map((attempt) => [
        attempt.attempt,
        html`${stateBadge(attempt.status)} ${attempt.error_class}`,
        html`${timeOf(attempt.started_at, visit.now)}<br><span class="hint">by ${attempt.runner}</span>`,
        took(visit, attempt),
        (attempt.models ?? []).join(', '),
        tokens(attempt),
        costText(attempt),
        changes(attempt),
      ]),
  });
}

/** What a task has cost: what is known, and how many attempts are not part of it. */
export function spentText(attempts: readonly Attempt[]): string | undefined {
  const ended = attempts.filter(({ cost_source }) => cost_source !== undefined && cost_source !== 'none');
  if (ended.length === 0) return undefined;
  const known = ended.filter(({ cost_usd }) => cost_usd !== undefined);
  if (known.length === 0) return 'unknown';
  const sum = usdText(known.reduce((total, { cost_usd = 0 }) => total + cost_usd, 0));
  const notional = known.every(({ billing }) => billing === 'subscription') ? ' notional' : '';
  const unknown = ended.length - known.length;
  return unknown === 0
    ? sum + notional
    : `${sum}${notional}, and ${plural(unknown, 'attempt')} of unknown cost`;
}

function took({ now }: Visit, { duration_seconds, started_at, status }: Attempt): string {
  if (duration_seconds !== undefined) return durationText(duration_seconds);
  return status === 'running' ? `${durationText((now - Date.parse(started_at)) / 1000)} so far` : '';
}

function tokens({ usage, usage_state }: Attempt): Html | string {
  if (usage_state === undefined) return '';
  if (!usage) return 'unknown';
  const { input_uncached, cache_read, cache_write, output } = usage;
  const whole = input_uncached + cache_read + cache_write;
  return html`${tokensText(whole)} in, ${tokensText(output)} out${
    cache_read > 0 &&
    html` <span class="hint">${Math.round((100 * cache_read) / whole)} % from the cache</span>`
  }${usage_state === 'partial' && html` <span class="hint">at least</span>`}`;
}

function changes({ changes, branch }: Attempt): Html | string {
  if (!changes) return branch ? html`<code>${branch}</code>` : '';
  const { files_changed, lines_added, lines_deleted } = changes;
  return html`${plural(files_changed, 'file')} <span class="hint">+${countText(lines_added)} −${countText(lines_deleted)}</span>${
    branch && html`<br><code>${branch}</code>`
  }`;
}
