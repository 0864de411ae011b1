import type { ModelUsage, PriceSource } from '../domain/outcome.ts';

/** What one model was used for in one attempt. */
export interface ModelUse
  extends Pick<ModelUsage, 'input_uncached' | 'cache_read' | 'cache_write' | 'output'> {
  model: string;
  /** When: a price holds from a date on. */
  at: Date;
  /** How many calls of the API it was spread over, where that is known: some prices rise with the length of a call. */
  calls?: number;
}

/** A source of prices. */
export interface PriceTable {
  readonly source: PriceSource;
  /** US dollars; undefined if it does not know this model, or a kind of token that was used. */
  costOf(use: ModelUse): number | undefined;
}
