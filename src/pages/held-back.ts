import type { Improvement } from '../domain/improvement.ts';
import { countText } from './figures.ts';
import { type Html, html } from './html.ts';
import { table } from './table.ts';

/** What a digest lists: the first ones that the budget of proposals held back. */
export function heldBackSection({ held_back }: Improvement): Html {
  if (!held_back) return html``;
  const { total, by_alert, oldest } = held_back;
  const kinds = Object.entries(by_alert).map(([alert, count]) => `${alert} (${countText(count)})`);
  return html`<section aria-labelledby="held"><h2 id="held">Held back</h2>
<p>${countText(total)} in all: ${kinds.join(', ')}. More was asked for at once than people can decide.</p>
${
  oldest.length > 0 &&
  table({
    caption: oldest.length < total ? `The first ${oldest.length}` : 'The first one first',
    columns: [
      { title: 'Proposal' },
      { title: 'Alert' },
      { title: 'Calls', as: 'figure' },
      { title: 'Fires still' },
    ],
    rows: oldest.map(({ title, alert, count, firing }) => [
      title,
      alert,
      countText(count),
      firing ? 'yes' : 'no',
    ]),
  })
}</section>`;
}
