import { ledgerMetrics } from '../../telemetry/names.ts';
import { matches, type Work } from '../work.ts';
import { labelsOf } from './labels.ts';
import { type Attempt, type Ending, hit, type PipelineState } from './state.ts';

/** Of ten tokens that are read, nine come from the cache. */
const cacheReads = 9;

/** What an attempt has used and cost. One that never began, or was cut short, says nothing of it. */
export function spend(state: PipelineState, attempt: Attempt, ending: Ending): void {
  const { work } = attempt.task;
  const labels = labelsOf(state, work);
  const neverBegan = ['auth', 'rate_limited', 'overloaded'].includes(ending);
  const unpriced = state.faults.active('unpriced', state.minute).some(({ where }) => matches(work, where));
  if (neverBegan || unpriced || (ending === 'timeout' && state.random.chance(0.5))) {
    state.table.counter('store', ledgerMetrics.unpriced_attempts.name, labels).value += 1;
    return;
  }
  const { spree } = attempt.task;
  hit(state, spree?.fault);
  const factor = spree ? spree.usd / work.usd : costFactor(state, attempt) * share(attempt);
  const tokens = work.tokens * factor;
  count(state, { ...labels, token_type: 'input_uncached' }, tokens * 0.1);
  count(state, { ...labels, token_type: 'cache_write' }, tokens * 0.7);
  count(state, { ...labels, token_type: 'output' }, tokens * 0.2);
  count(state, { ...labels, token_type: 'cache_read' }, tokens * cacheReads);
  pay(state, work, labels, work.usd * factor);
  noteHour(state, work, work.usd * factor);
}

/** Of an attempt that was ended before its time only a part was used. */
function share({ task, started_at, ends_at }: Attempt): number {
  return Math.min(1.5, Math.max(0.2, (ends_at - started_at) / task.work.minutes));
}

function costFactor(state: PipelineState, { task }: Attempt): number {
  const { faults, minute, random, drift } = state;
  const times = faults
    .active('dear', minute)
    .filter(({ where }) => matches(task.work, where))
    .reduce((product, fault) => product * fault.times, 1);
  return random.lognormal(1, 0.6) * (drift.get(task.work.project) ?? 1) * times * oneDear(state, task.work);
}

/** The first attempt of a kind while the fault lasts, and no other. */
function oneDear({ faults, minute, dearOnce }: PipelineState, work: Work): number {
  const fault = faults
    .active('one_dear', minute)
    .find((candidate) => !dearOnce.has(candidate) && matches(work, candidate.where));
  if (!fault) return 1;
  dearOnce.add(fault);
  return fault.times;
}

function count({ table }: PipelineState, labels: Record<string, string>, tokens: number): void {
  table.counter('store', ledgerMetrics.tokens.name, labels).value += Math.round(tokens);
}

function pay({ table, paid }: PipelineState, work: Work, labels: Record<string, string>, usd: number): void {
  const cost = Math.round(usd * 1e4) / 1e4;
  const counter = table.counter('store', ledgerMetrics.cost_usd.name, { ...labels, billing: work.billing });
  counter.value = Math.round((counter.value + cost) * 1e4) / 1e4;
  if (work.billing === 'subscription') return;
  const account = paid.get(work.project) ?? { total: 0, totals: new Float64Array(table.minutes) };
  paid.set(work.project, account);
  account.total += cost;
}

/** For what is usual. */
function noteHour({ table, hourly, minute }: PipelineState, { project }: Work, usd: number): void {
  const hours = hourly.get(project) ?? new Float64Array(Math.ceil(table.minutes / 60));
  hourly.set(project, hours);
  const hour = Math.floor(minute / 60);
  hours[hour] = (hours[hour] ?? 0) + usd;
}

/** Prices, prompts and repositories change a little each day. */
export function driftCosts({ random, drift }: PipelineState, projects: readonly string[]): void {
  for (const project of projects) {
    const factor = (drift.get(project) ?? 1) * random.lognormal(1.004, 0.03);
    drift.set(project, Math.min(1.5, Math.max(0.7, factor)));
  }
}
