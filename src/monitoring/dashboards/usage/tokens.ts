import { baselines } from '../../recording/baselines.ts';
import type { Section } from '../dashboard-declaration.ts';
import { bars, lines } from '../panels/chart.ts';
import { ranking } from '../panels/ranking.ts';
import { matching, share } from '../queries.ts';
import { within } from './usage-queries.ts';

const input = 'token_type!="output"';
const cached = 'token_type="cache_read"';

/** What was read and written. */
export const tokens: Section = {
  title: 'Tokens',
  panels: [
    bars({
      title: 'Tokens by kind',
      description:
        'Each bar is of the time until the next one. What is read from a cache is not part of input_uncached, and is cheap.',
      width: 12,
      unit: 'short',
      queries: [{ expr: within('$__interval', ['token_type'], 'tokens'), legend: '{{token_type}}' }],
      noValue: 'no tokens are known',
    }),
    ranking({
      title: 'Share of the cache, by model',
      description: 'Of all input in the time shown, how much was read from a cache: the more, the cheaper.',
      width: 6,
      unit: 'percentunit',
      max: 1,
      query: {
        expr: share(
          within('$__range', ['model'], 'tokens', cached),
          within('$__range', ['model'], 'tokens', input),
        ),
        legend: '{{model}}',
      },
      noValue: 'no tokens are known',
    }),
    lines({
      title: 'New tokens, the last hour',
      description:
        'Tokens of the hour before each moment without those read from a cache, and (dashed) the largest hour of a usual day.',
      width: 6,
      unit: 'short',
      queries: [
        { expr: `${baselines.tokens.now}{${matching(['project'])}}`, legend: 'hour {{project}}' },
        { expr: `${baselines.tokens.usual}{${matching(['project'])}}`, legend: 'usual {{project}}' },
      ],
      dashed: '^usual.*',
      noValue: 'no tokens are known',
    }),
  ],
};
