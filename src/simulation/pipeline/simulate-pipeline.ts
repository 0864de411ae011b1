import { minutesPerDay } from '../calendar.ts';
import { type Fault, faultsOf, type TimedFault } from '../fault.ts';
import type { Random } from '../random.ts';
import { SeriesTable } from '../series-table.ts';
import { projects } from '../work.ts';
import { arrive } from './arrivals.ts';
import { claim } from './claims.ts';
import { answerDecisions, forceDecision } from './decisions.ts';
import { endAttempts } from './endings.ts';
import { showStore } from './gauges.ts';
import { tendRunners } from './runners.ts';
import { driftCosts } from './spending.ts';
import { goOnSprees } from './sprees.ts';
import { newState, type OpenDecision, type PipelineState } from './state.ts';
import { type Answers, showSurroundings } from './surroundings.ts';

export interface PipelineLife {
  /** Every series that was scraped. */
  table: SeriesTable;
  /** In which minutes each fault has hit something. */
  hits: ReadonlyMap<Fault, readonly number[]>;
  /** Every decision that a person was asked for. */
  decisions: readonly OpenDecision[];
}

/** Lives through so many minutes of a pipeline with these faults. */
export function simulatePipeline(
  minutes: number,
  faults: readonly TimedFault[],
  random: Random,
): PipelineLife {
  const state = newState(new SeriesTable(minutes), faultsOf(faults), random);
  for (let minute = 0; minute < minutes; minute += 1) {
    state.minute = minute;
    step(state);
  }
  return { table: state.table, hits: state.hits, decisions: [...state.answered, ...state.decisions] };
}

function step(state: PipelineState): void {
  const { faults, minute } = state;
  const service = faults.active('service_down', minute).length === 0;
  const answers: Answers = { service, store: service && faults.active('store_down', minute).length === 0 };
  if (minute % minutesPerDay === 0) driftCosts(state, projects);
  tendRunners(state, answers.store);
  if (answers.store) work(state);
  showSurroundings(state, answers);
  showStore(state);
  scrape(state, answers);
}

function work(state: PipelineState): void {
  const blocked = state.faults.active('undelivered_outcomes', state.minute).map(({ runner }) => runner);
  forceDecision(state);
  endAttempts(state, (id) => !blocked.includes(id) && isAlive(state, id));
  answerDecisions(state);
  arrive(state);
  goOnSprees(state);
  claim(state);
}

function isAlive({ runners }: PipelineState, id: string): boolean {
  return runners.some((runner) => runner.id === id && runner.alive);
}

function scrape({ faults, minute, table, runners }: PipelineState, { service, store }: Answers): void {
  if (!service) table.restart('service');
  if (faults.active('prometheus_away', minute).length > 0) return;
  table.scrape(minute, (source) => {
    if (source === 'store') return store;
    if (source === 'service') return service;
    const runner = runners.find(({ id }) => source === `runner:${id}`);
    return runner?.alive ?? true;
  });
}
