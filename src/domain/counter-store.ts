import type { CounterSeries } from './ledger.ts';

export interface CounterStore {
  /**
   * Every counter series, as it may be exported now. The first call that answers a new series is recorded before
   * it resolves; until `holdSeconds` after it the series reads 0, so that Prometheus has scraped it at 0.
   */
  export(holdSeconds: number): Promise<CounterSeries[]>;
}
