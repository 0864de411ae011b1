import { type ImprovementState, improvementStates, openStates } from '../../domain/improvement-state.ts';
import { storeGauges } from '../../telemetry/names.ts';
import { counted } from './counts.ts';
import type { DashboardDeclaration } from './dashboard-declaration.ts';
import { dashboardFilters } from './filters.ts';
import { improvementsLink, runbookLink } from './links.ts';
import { bars, lines } from './panels/chart.ts';
import { stat } from './panels/stat.ts';
import { table } from './panels/table.ts';
import { age, firingAlerts, stored, sumBy } from './queries.ts';

const filters = dashboardFilters.improvements;
const { improvements: counts, improvements_by_alert, oldest_improvement } = storeGauges;
const ended = improvementStates.filter((state) => !openStates.includes(state));
const noValue = 'nothing was proposed yet';

const now = (state: ImprovementState) => `sum(${stored(counts, filters, `state="${state}"`)})`;
/** Whatever ends stays in the state that it ended in. */
const reached = (state: string, window: '$__range' | '$__interval') =>
  counted(stored(counts, filters, `state=~"${state}"`), window);

const words: Partial<Record<ImprovementState, string>> = {
  done: 'Their tasks were completed; what came of it is not measured yet.',
  rejected: 'A person said no; the alert has to fire twice as often before it is proposed again.',
  withdrawn: 'Their tasks failed, or what they were about went away.',
};

export const improvements: DashboardDeclaration = {
  name: 'improvements',
  title: 'Improvements',
  answers: 'What is proposed, since when, because of which alerts, and what became of it?',
  from: 'now-7d',
  sections: [
    {
      title: 'What needs you',
      panels: [
        stat({
          title: 'Wait for approval',
          description: 'Proposals that a person has to approve or reject.',
          width: 6,
          unit: 'short',
          expr: now('proposed'),
          orangeFrom: 1,
          links: [improvementsLink('state=proposed')],
          noValue,
        }),
        stat({
          title: 'The oldest waits for',
          description: 'How long ago the oldest of them was proposed.',
          width: 6,
          unit: 's',
          expr: age([], stored(oldest_improvement, filters, 'state="proposed"')),
          links: [improvementsLink('state=proposed')],
          noValue: 'none waits',
          mayBeEmpty: true,
        }),
        ...(['scheduled', 'done', 'rejected', 'withdrawn'] as const).map((state) =>
          stat({
            title: state === 'scheduled' ? 'Under way' : `Were ${state}`,
            description:
              state === 'scheduled'
                ? 'Approved ones whose task has not ended.'
                : `In the time shown. ${words[state]}`,
            width: 3,
            unit: 'short',
            decimals: 0,
            expr: state === 'scheduled' ? now(state) : `sum(${reached(state, '$__range')})`,
            links: [improvementsLink(`state=${state}`)],
            noValue,
          }),
        ),
        table({
          title: 'From which alerts',
          description:
            'All there ever were, by the alert that they were proposed for and what they are now. A name leads to the alert’s runbook.',
          width: 24,
          rows: ['alert'],
          columns: improvementStates
            .filter((state) => state !== 'approved')
            .map((state) => ({
              title: state,
              unit: 'short',
              decimals: 0,
              expr: `sum by (alert) (${stored(improvements_by_alert, filters, `state="${state}"`)})`,
            })),
          links: [runbookLink('alert', 'row')],
          noValue,
        }),
      ],
    },
    {
      title: 'What became of them',
      panels: [
        bars({
          title: 'Ended',
          description: 'Improvements that came to an end; each bar counts those until the next one.',
          width: 12,
          unit: 'short',
          queries: [{ expr: sumBy(['state'], reached(ended.join('|'), '$__interval')), legend: '{{state}}' }],
          noValue,
        }),
        lines({
          title: 'Open',
          description: 'Improvements that are proposed, or approved and under way.',
          width: 12,
          unit: 'short',
          queries: [
            {
              expr: `sum by (kind, state) (${stored(counts, filters, `state=~"${openStates.join('|')}"`)})`,
              legend: '{{kind}} {{state}}',
            },
          ],
          noValue,
        }),
        lines({
          title: 'Age of the oldest',
          description: 'Of those that are open, how long ago the oldest of each kind and state was proposed.',
          width: 12,
          unit: 's',
          queries: [
            {
              expr: age(['kind', 'state'], stored(oldest_improvement, filters)),
              legend: '{{kind}} {{state}}',
            },
          ],
          noValue: 'none is open',
          mayBeEmpty: true,
        }),
        lines({
          title: 'Alerts that fire',
          description: 'By name: what proposals are made of, as well as what only people are told.',
          width: 12,
          unit: 'short',
          queries: [{ expr: `count by (alertname) (${firingAlerts([])})`, legend: '{{alertname}}' }],
          links: [runbookLink('alertname', 'series')],
          noValue: 'nothing fires',
          mayBeEmpty: true,
        }),
      ],
    },
  ],
};
