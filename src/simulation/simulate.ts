import type { AlertDeclaration } from '../monitoring/alert-declaration.ts';
import type { Objectives } from '../monitoring/objectives.ts';
import type { FoundServer } from '../stack/find-server.ts';
import { minutesPerDay } from './calendar.ts';
import { evaluateAlerts } from './evaluation/evaluate-alerts.ts';
import { notInhibited } from './evaluation/inhibition.ts';
import { notificationsOf } from './evaluation/notifications.ts';
import { startHistory } from './history/history.ts';
import type { Incident } from './incident.ts';
import { longDecisions } from './incidents/long-decisions.ts';
import { markNearMisses } from './near-misses.ts';
import { simulatePipeline } from './pipeline/simulate-pipeline.ts';
import { seededRandom } from './random.ts';
import { scheduleIncidents } from './schedule.ts';
import { type Score, scoreAlerts } from './score.ts';
import type { SeriesTable } from './series-table.ts';

export interface SimulationOptions {
  server: FoundServer;
  objectives: Objectives;
  declarations: readonly AlertDeclaration[];
  seed: string;
  days: number;
  /** Minutes between two evaluations of an alert; and of one that looks at hours and days. */
  step: number;
  slowStep: number;
  say: (line: string) => void;
}

/** Always fires: it tells of nothing. */
const watchdog = 'Watchdog';

/** Lives through so many days of a pipeline, lets the rules see them, and holds what fired against what happened. */
export async function simulate(options: SimulationOptions): Promise<Score> {
  const { seed, days } = options;
  const random = seededRandom(seed);
  const minutes = days * minutesPerDay;
  const scheduled = scheduleIncidents(days, random.fork('incidents'));
  const { table, decisions, hits } = simulatePipeline(minutes, scheduled, random.fork('life'));
  const incidents = [...markNearMisses(scheduled, hits), ...longDecisions(decisions, minutes)].sort(
    (a, b) => a.from - b.from,
  );
  const declarations = options.declarations.filter(({ name }) => name !== watchdog);
  const episodes = await evaluate(table, incidents, { ...options, declarations });
  return scoreAlerts(
    declarations.map(({ name }) => name),
    incidents,
    {
      episodes,
      told: notificationsOf(notInhibited(episodes, declarations), declarations, options.objectives),
    },
  );
}

async function evaluate(
  table: SeriesTable,
  incidents: readonly Incident[],
  { server, declarations, objectives, step, slowStep, say }: SimulationOptions,
) {
  const replica = incidents.filter(({ fault }) => fault.kind === 'replica');
  const history = await startHistory({ server, series: table.list(), replica, say });
  try {
    return await evaluateAlerts(declarations, {
      url: history.url,
      // As often as samples were taken.
      objectives: { ...objectives, scrape_interval: '1m', evaluation_interval: `${step}m` },
      minutes: table.minutes,
      step,
      slowStep,
      asleep: incidents.filter(({ fault }) => fault.kind === 'prometheus_away'),
    });
  } finally {
    await history.close();
  }
}
