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
  return value <= smallest ? zeroBucket : logBucket(value);
}

/** The value that stands for a bucket. */
export function bucketValue(bucket: number): number {
  return bucket === zeroBucket ? 0 : (2 * gamma ** bucket) / (gamma + 1);
}

function logBucket(value: number): number {
  return Math.ceil(Math.log(value) / logGamma) + 0;
}

const first = logBucket(smallest);
/** So many buckets there are from nothing to 31 years, which no duration is longer than. */
export const slots = 2 + logBucket(1e9) - first;

/** Where a bucket stands in a row of all buckets, from 0. */
export function slotOf(bucket: number): number {
  if (bucket === zeroBucket) return 0;
  return Math.min(slots - 1, Math.max(1, bucket - first + 1));
}

export function bucketAt(slot: number): number {
  return slot === 0 ? zeroBucket : slot + first - 1;
}
