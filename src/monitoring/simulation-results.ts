import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** What was found and told, of one alert or of all. */
const figures = {
  incidents: z.int(),
  found: z.int(),
  messages: z.int(),
  /** Messages that are neither the first about their incident nor about nothing. */
  repeats: z.int(),
  false_alarms: z.int(),
};

const alertFigures = z.object({ alert: z.string(), ...figures, delay_minutes: z.array(z.number()) });
export type AlertFigures = z.infer<typeof alertFigures>;

/** What a run of the simulation has found, as it writes it. */
const simulationResults = z.object({
  command: z.string(),
  days: z.number(),
  seeds: z.array(z.object({ seed: z.string(), ...figures })),
  /** What chance has made too small to be an incident. */
  near_misses: z.int(),
  false_alarms_per_week: z.number(),
  alerts: z.array(alertFigures),
});
export type SimulationResults = z.infer<typeof simulationResults>;

const resultsFile = new URL('./simulation-results.json', import.meta.url);

/** The figures that were kept last, if any were. */
export function readSimulationResults(): SimulationResults | undefined {
  if (!existsSync(resultsFile)) return undefined;
  return simulationResults.parse(JSON.parse(readFileSync(resultsFile, 'utf8')));
}

/** The share of the messages that are about an incident, in whole percent; nothing where there are none. */
export function precisionOf({
  messages,
  false_alarms,
}: Pick<AlertFigures, 'messages' | 'false_alarms'>): number | undefined {
  return messages === 0 ? undefined : Math.round((100 * (messages - false_alarms)) / messages);
}

/** The delay that half of the incidents are told of within, in minutes. */
export function medianDelay({ delay_minutes }: Pick<AlertFigures, 'delay_minutes'>): number | undefined {
  const sorted = delay_minutes.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
