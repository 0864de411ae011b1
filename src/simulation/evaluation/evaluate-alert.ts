import type { AlertDeclaration } from '../../monitoring/alert-declaration.ts';
import { durationSeconds, type Objectives } from '../../monitoring/objectives.ts';
import { recordingRules } from '../../monitoring/recording-rules.ts';
import { queryRange, type RangeSeries } from '../../stack/prometheus-client.ts';
import { simulationStart, timeOf } from '../calendar.ts';
import { AlertState } from './alert-state.ts';
import { alertsRead, type Fired, substituteAlerts } from './alerts-series.ts';
import { inlineRecords } from './inline-records.ts';
import { type Episode, type Labels, labelKey } from './timeline.ts';

export interface Evaluation {
  /** Prometheus with the past. */
  url: string;
  objectives: Objectives;
  minutes: number;
  /** Minutes between two evaluations; */
  step: number;
  /** and of what looks at hours and days, which changes slowly and takes long. */
  slowStep: number;
  /** When Prometheus was not there to evaluate anything. */
  asleep: readonly { from: number; to: number }[];
}

/** Prometheus answers 11,000 points at most, and longer questions keep a core for long. */
const mostPoints = 5000;
const querySeconds = 600;
/** Where an alert reads its own series most of a long answer may be for nothing. */
const firstReach = 60;

interface Instance {
  labels: Labels;
  state: AlertState;
  from?: number;
}

/**
 * When an alert fired. An expression that reads which alerts fire (`ALERTS`) is evaluated piece by piece, between two
 * changes of those; also where it reads its own.
 * @param earlier the episodes of the alerts that it reads
 */
export async function evaluateAlert(
  declaration: AlertDeclaration,
  evaluation: Evaluation,
  earlier: readonly Episode[],
): Promise<Episode[]> {
  const run = new AlertRun(declaration, evaluation, earlier);
  for (let minute = 0; minute < evaluation.minutes; ) minute = await run.piece(minute);
  return run.finish();
}

class AlertRun {
  readonly #declaration: AlertDeclaration;
  readonly #evaluation: Evaluation;
  readonly #earlier: readonly Episode[];
  readonly #expr: string;
  readonly #step: number;
  readonly #reads: { alert: string; window?: string }[];
  readonly #instances = new Map<string, Instance>();
  readonly #episodes: Episode[] = [];
  /** How many points are asked for at once. */
  #reach: number;

  constructor(declaration: AlertDeclaration, evaluation: Evaluation, earlier: readonly Episode[]) {
    this.#declaration = declaration;
    this.#evaluation = evaluation;
    this.#earlier = earlier;
    this.#expr = inlineRecords(declaration.expr(evaluation.objectives), recordingRules);
    this.#reads = alertsRead(this.#expr);
    this.#step = declaration.slow || declaration.category === 'usage' ? evaluation.slowStep : evaluation.step;
    this.#reach = this.#readsItself() ? firstReach : mostPoints;
  }

  /** Evaluates from this minute on, as far as what it reads stays as it is. Answers the next minute. */
  async piece(from: number): Promise<number> {
    const { url, minutes } = this.#evaluation;
    const step = this.#step;
    const fired: Fired = (alert, window) => this.#firedBefore(from, alert, window);
    const to = Math.min(minutes, this.#nextChange(from), from + this.#reach * step);
    const series = await queryRange(url, substituteAlerts(this.#expr, fired), {
      start: timeOf(from),
      end: timeOf(to - 1),
      step: step * 60,
      timeoutSeconds: querySeconds,
    });
    const holding = minutesOf(series);
    for (let minute = from; minute < to; minute += step) {
      if (this.#evaluation.asleep.some((span) => span.from <= minute && minute < span.to)) continue;
      const changed = this.#evaluate(minute, holding.get(minute) ?? []);
      if (!changed || !this.#readsItself()) continue;
      this.#reach = firstReach;
      return minute + step;
    }
    this.#reach = Math.min(mostPoints, 2 * this.#reach);
    return from + Math.ceil((to - from) / step) * step;
  }

  finish(): Episode[] {
    const { minutes } = this.#evaluation;
    for (const instance of this.#instances.values()) this.#close(instance, minutes);
    return this.#episodes.sort((a, b) => a.from - b.from);
  }

  /** One evaluation. Answers whether other label sets fire than before. */
  #evaluate(minute: number, holding: readonly Labels[]): boolean {
    const { objectives } = this.#evaluation;
    const keys = new Set(holding.map(labelKey));
    for (const labels of holding) {
      if (this.#instances.has(labelKey(labels))) continue;
      const state = new AlertState({
        for: durationSeconds(this.#declaration.for(objectives)),
        keepFiringFor: durationSeconds(this.#declaration.keepFiringFor?.(objectives) ?? '0s'),
      });
      this.#instances.set(labelKey(labels), { labels, state });
    }
    let changed = false;
    for (const [key, instance] of this.#instances) {
      const firing = instance.state.evaluate(minute * 60, keys.has(key));
      if (firing === (instance.from !== undefined)) continue;
      changed = true;
      if (firing) instance.from = minute;
      else this.#close(instance, minute);
    }
    return changed;
  }

  #close(instance: Instance, to: number): void {
    if (instance.from === undefined) return;
    const { name: alert } = this.#declaration;
    this.#episodes.push({ alert, labels: instance.labels, from: instance.from, to });
    instance.from = undefined;
  }

  #readsItself(): boolean {
    return this.#reads.some(({ alert }) => alert === this.#declaration.name);
  }

  /** What an evaluation sees of an alert: what fired at the one before it, or within a window. */
  #firedBefore(minute: number, alert: string, window?: string): Labels[] {
    const back = window === undefined ? 0 : durationSeconds(window) / 60;
    const fired = this.#known(alert).filter(({ from, to }) => from < minute && to + back > minute - 1);
    return [...new Map(fired.map(({ labels }) => [labelKey(labels), labels])).values()];
  }

  /** The first minute after this one in which one of the alerts that it reads is seen otherwise. */
  #nextChange(minute: number): number {
    const changes = this.#reads.flatMap(({ alert, window }) => {
      const back = window === undefined ? 0 : durationSeconds(window) / 60;
      return this.#known(alert).flatMap(({ from, to }) => [from + 1, to + back + 1]);
    });
    return changes
      .filter((change) => change > minute)
      .reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }

  #known(name: string): Episode[] {
    const open = [...this.#instances.values()].flatMap(({ labels, from }) =>
      from === undefined
        ? []
        : [{ alert: this.#declaration.name, labels, from, to: Number.POSITIVE_INFINITY }],
    );
    return [...this.#earlier, ...this.#episodes, ...open].filter(({ alert }) => alert === name);
  }
}

/** The label sets for which an expression held, by minute. */
function minutesOf(series: readonly RangeSeries[]): Map<number, Labels[]> {
  const byMinute = new Map<number, Labels[]>();
  for (const { metric, values } of series) {
    const { __name__, ...labels } = metric;
    for (const { at } of values) {
      const minute = Math.round((at - simulationStart) / 60);
      const known = byMinute.get(minute);
      if (known) known.push(labels);
      else byMinute.set(minute, [labels]);
    }
  }
  return byMinute;
}
