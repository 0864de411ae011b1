import type { PanelJson } from './dashboards.ts';

/** What a dashboard is looked at with. */
export interface View {
  /** How long the time shown is, in seconds. */
  range: number;
  /** The values of variables; those that are not named stand at “All”. */
  values: Readonly<Record<string, string>>;
}

/** About as many points as a panel half as wide as a screen of 1280 pixels can show. */
const usualPoints = 600;
/** What the provisioned data source says in `timeInterval`. */
const scrapeSeconds = 15;

/** How many seconds apart the points of a panel are, as Grafana has it. */
export function stepOf(
  { interval = `${scrapeSeconds}s`, maxDataPoints = usualPoints }: PanelJson,
  { range }: View,
): number {
  return Math.max(seconds(interval), rounded((range / maxDataPoints) * 1000) / 1000);
}

/** An expression as Grafana sends it to Prometheus. */
export function interpolate(expr: string, step: number, { range, values }: View): string {
  const builtIn: Readonly<Record<string, string>> = {
    __interval: `${step}s`,
    __rate_interval: `${Math.max(step + scrapeSeconds, 4 * scrapeSeconds)}s`,
    __range: `${range}s`,
    __range_s: String(range),
  };
  // A number is no variable, but part of a replacement.
  return expr.replace(/\$([A-Za-z_]\w*)|\$\{(\w+)(?::\w+)?\}/g, (_whole, plain, braced) => {
    const name: string = plain ?? braced;
    return builtIn[name] ?? values[name] ?? '.*';
  });
}

function seconds(duration: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
  return Number(count) * (units[unit] ?? Number.NaN);
}

/** Upper bounds and what an interval below them becomes, in milliseconds: `roundInterval` of Grafana's. */
const steps: readonly [number, number][] = [
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
];

function rounded(milliseconds: number): number {
  return steps.find(([below]) => milliseconds < below)?.[1] ?? 86_400_000;
}
