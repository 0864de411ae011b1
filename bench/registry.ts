import type { Bench } from './bench.ts';
import { metricsBench } from './metrics/metrics-bench.ts';
import { runnerBench } from './runner/runner-bench.ts';

/** Every benchmark. A further one is a folder beside `runner`, and a line here. */
export const benches: readonly Bench[] = [runnerBench, metricsBench];
