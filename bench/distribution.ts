/** Where the values of a measurement lie. */
export interface Distribution {
  count: number;
  p10: number;
  median: number;
  p90: number;
}

/** @throws Error if there is no value, or one is not a number */
export function distributionOf(values: readonly number[]): Distribution {
  if (values.some(Number.isNaN)) throw new Error('a measurement is missing');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const position = share * (sorted.length - 1);
    const [below, above] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
    if (below === undefined || above === undefined) throw new Error('nothing was measured');
    return below + (above - below) * (position - Math.floor(position));
  };
  return { count: sorted.length, p10: at(0.1), median: at(0.5), p90: at(0.9) };
}
