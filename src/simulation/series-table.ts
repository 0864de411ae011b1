/** Who exports a series. What a replica of the service knows of the store is of `store`, about itself of `service`. */
export type Source = 'store' | 'service' | 'prometheus' | 'alertmanager' | `runner:${string}`;

export interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
  source: Source;
  type: 'counter' | 'gauge';
  /** What it stands at; NaN if it is not exported. */
  value: number;
  /** What was scraped in each minute; NaN where nothing was. */
  samples: Float64Array;
  /** The minute of the first scrape. */
  born?: number;
}

/** A new counter of the store's is shown at 0 for so many scrapes, as the service does. */
const heldScrapes = 3;

/** Every series of a simulation, with a sample a minute. */
export class SeriesTable {
  readonly minutes: number;
  readonly #series = new Map<string, Series>();

  constructor(minutes: number) {
    this.minutes = minutes;
  }

  /** A counter, born at 0. */
  counter(source: Source, name: string, labels: Record<string, string> = {}): Series {
    return this.#find('counter', source, name, labels, 0);
  }

  gauge(source: Source, name: string, labels: Record<string, string> = {}): Series {
    return this.#find('gauge', source, name, labels, Number.NaN);
  }

  /** A process starts again: its own counters do too. */
  restart(source: Source): void {
    for (const series of this.#series.values()) {
      if (series.source === source && series.type === 'counter') series.value = 0;
    }
  }

  /** Takes down what stands of those sources that answer. */
  scrape(minute: number, answers: (source: Source) => boolean): void {
    for (const series of this.#series.values()) {
      if (!answers(series.source)) continue;
      series.born ??= minute;
      const held = series.type === 'counter' && series.source === 'store';
      series.samples[minute] = held && minute < series.born + heldScrapes ? 0 : series.value;
    }
  }

  list(): Series[] {
    return [...this.#series.values()];
  }

  #find(
    type: Series['type'],
    source: Source,
    name: string,
    labels: Record<string, string>,
    value: number,
  ): Series {
    const key = `${name}|${source}|${Object.entries(labels).join('|')}`;
    const known = this.#series.get(key);
    if (known) return known;
    const samples = new Float64Array(this.minutes).fill(Number.NaN);
    const series: Series = { name, labels, source, type, value, samples };
    this.#series.set(key, series);
    return series;
  }
}
