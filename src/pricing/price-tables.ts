import { loadPriceFile } from './price-file.ts';
import type { PriceTable } from './price-table.ts';
import { publicPrices } from './public-prices.ts';

/**
 * The tables in the order in which they are asked: the override file, if there is one, and the public prices.
 * @throws AppError `invalid` if the file cannot be used
 */
export function loadPriceTables(file: string | undefined): PriceTable[] {
  return file === undefined ? [publicPrices] : [loadPriceFile(file), publicPrices];
}
