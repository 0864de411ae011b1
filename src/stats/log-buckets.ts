/**
 * Logarithmic buckets with a bounded relative error (the mapping of DDSketch, Masson et al., VLDB 2019,
 * section 2.1): bucket i holds γ^(i−1) < x ≤ γ^i with γ = (1+α)/(1−α), and 2γ^i/(γ+1) is within α of
 * everything in it. Counts by bucket can be added, so quantiles of any union are as good as those of a part.
 */
export const relativeError = 0.01;
const gamma = (1 + relativeError) / (1 - relativeError);
const logGamma = Math.log(gamma);

/** Durations up to this many seconds are all one bucket, shown as 0. */
const smallest = 1e-3;
export const zeroBucket = -100_000;

/** The bucket of a duration in seconds. */
export function bucketOf(value: number): number {
  return value <= smallest ? zeroBucket : Math.ceil(Math.log(value) / logGamma);
}

/** The value that stands for a bucket. */
export function bucketValue(bucket: number): number {
  return bucket === zeroBucket ? 0 : (2 * gamma ** bucket) / (gamma + 1);
}

/**
 * The q-quantile (0 ≤ q ≤ 1) of counts by bucket, within 1 % of the value of that rank (`⌊q(n−1)⌋` from 0);
 * undefined if there are none.
 */
export function quantile(counts: ReadonlyMap<number, number>, q: number): number | undefined {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = Math.floor(q * (total - 1));
  let seen = 0;
  for (const [bucket, count] of sorted) {
    seen += count;
    if (seen > rank) return bucketValue(bucket);
  }
  return undefined;
}
