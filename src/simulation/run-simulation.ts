import { writeFileSync } from 'node:fs';
import { AppError } from '../domain/errors.ts';
import { alertDeclarations } from '../monitoring/alerts/registry.ts';
import { profiles } from '../monitoring/objectives.ts';
import type { SimulationResults } from '../monitoring/simulation-results.ts';
import { type FoundServer, findServer } from '../stack/find-server.ts';
import { goalsMissed, showResults } from './result-table.ts';
import { resultsOf } from './results.ts';
import { simulate } from './simulate.ts';

export interface RunOptions {
  days: number;
  seeds: string[];
  /** Minutes between two evaluations of an alert. */
  step: number;
  json?: boolean;
  /** Keeps the figures for `docs/alerts.md`. */
  write?: boolean;
}

/** Alerts that read hours and days change slowly, and take long to evaluate. */
const slowStep = 5;
const resultsFile = new URL('../monitoring/simulation-results.json', import.meta.url);

/**
 * Simulates each seed and says what was found. The exit code is 1 if the goal was not reached.
 * @throws AppError `unavailable`, with what to do, if there is no Prometheus
 */
export async function runSimulation({ days, seeds, step, json, write }: RunOptions): Promise<void> {
  const server = await prometheus();
  const scores = [];
  for (const seed of seeds) {
    say(`seed ${seed}: ${days} days`);
    scores.push(
      await simulate({
        server,
        objectives: profiles.default,
        declarations: alertDeclarations,
        seed,
        days,
        step,
        slowStep: Math.max(slowStep, step),
        say,
      }),
    );
  }
  const results = resultsOf(scores, { command: commandLine({ days, seeds, step }), days, seeds });
  if (write) writeFileSync(resultsFile, `${JSON.stringify(results.all, null, 2)}\n`);
  process.stdout.write(json ? `${JSON.stringify(results)}\n` : showResults(results));
  judge(results.all);
}

/** @throws AppError `unavailable`, with what to do, if there is no Prometheus */
async function prometheus(): Promise<FoundServer> {
  const server = await findServer('prometheus', { install: true, say });
  if (!server.found) throw new AppError('unavailable', `${server.reason} Run: ${server.command}`);
  return server;
}

/** What it was asked for, to be run again. */
function commandLine({ days, seeds, step }: Pick<RunOptions, 'days' | 'seeds' | 'step'>): string {
  const often = step === 1 ? '' : ` --step ${step}`;
  return `npm run simulate -- --days ${days} --seeds ${seeds.join(',')}${often}`;
}

function judge(results: SimulationResults): void {
  const missed = goalsMissed(results);
  for (const goal of missed) say(goal);
  if (missed.length > 0) process.exitCode = 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
