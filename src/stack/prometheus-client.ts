import { z } from 'zod';
import { AppError, whyNot } from '../domain/errors.ts';

const labelSet = z.record(z.string(), z.string());
const answer = z.object({ status: z.string(), error: z.string().optional(), data: z.unknown().optional() });

const sample = z.object({
  metric: labelSet,
  value: z.tuple([z.number(), z.string()]).transform(([, text]) => prometheusNumber(text)),
});
/** One series of an instant vector. */
export type Sample = z.output<typeof sample>;

const rangeSeries = z.object({
  metric: labelSet,
  values: z.array(
    z.tuple([z.number(), z.string()]).transform(([at, text]) => ({ at, value: prometheusNumber(text) })),
  ),
});
/** One series over time. */
export type RangeSeries = z.output<typeof rangeSeries>;

const alert = z.object({
  labels: labelSet,
  annotations: labelSet.default({}),
  state: z.enum(['inactive', 'pending', 'firing']),
  activeAt: z.string().optional(),
  value: z.string().transform(prometheusNumber),
});
/** One alert as Prometheus sees it. */
export type PrometheusAlert = z.output<typeof alert>;

const target = z.object({
  labels: labelSet,
  scrapePool: z.string(),
  scrapeUrl: z.string(),
  health: z.enum(['up', 'down', 'unknown']),
  lastError: z.string().default(''),
  /** A Prometheus duration; Prometheus before 2.25 does not say. */
  scrapeInterval: z.string().optional(),
});
/** One scrape target; `scrapePool` is its job. */
export type ScrapeTarget = z.output<typeof target>;

const rule = z.object({
  name: z.string(),
  query: z.string(),
  health: z.string(),
  lastError: z.string().default(''),
  /** Seconds. */
  duration: z.number().default(0),
});
/** One rule as Prometheus has loaded it. */
export type LoadedRule = z.output<typeof rule>;

/**
 * Evaluates an expression now, or at `time` (seconds since the epoch); it must give an instant vector.
 * @throws AppError `unavailable` if Prometheus cannot be asked, `invalid` if it refuses the expression
 */
export async function query(url: string, expr: string, time?: number): Promise<Sample[]> {
  const body = new URLSearchParams({ query: expr, ...(time === undefined ? {} : { time: String(time) }) });
  const data = await ask(url, '/api/v1/query', { method: 'POST', body });
  return parse(url, z.object({ resultType: z.literal('vector'), result: z.array(sample) }), data).result;
}

/**
 * Evaluates an expression every `step` seconds from `start` to `end` (seconds since the epoch): at most 11,000 times.
 * @throws AppError `unavailable` if Prometheus cannot be asked, `invalid` if it refuses the expression
 */
export async function queryRange(
  url: string,
  expr: string,
  range: { start: number; end: number; step: number; timeoutSeconds?: number },
): Promise<RangeSeries[]> {
  const { start, end, step, timeoutSeconds } = range;
  const body = new URLSearchParams({
    query: expr,
    start: String(start),
    end: String(end),
    step: String(step),
  });
  const data = await ask(url, '/api/v1/query_range', { method: 'POST', body }, timeoutSeconds);
  return parse(url, z.object({ resultType: z.literal('matrix'), result: z.array(rangeSeries) }), data).result;
}

/** The alerts that are pending or firing. @throws AppError `unavailable` */
export async function alerts(url: string): Promise<PrometheusAlert[]> {
  return parse(url, z.object({ alerts: z.array(alert) }), await ask(url, '/api/v1/alerts')).alerts;
}

/** The active scrape targets. @throws AppError `unavailable` */
export async function targets(url: string): Promise<ScrapeTarget[]> {
  const data = await ask(url, '/api/v1/targets?state=active');
  return parse(url, z.object({ activeTargets: z.array(target) }), data).activeTargets;
}

/** Every rule that is loaded. @throws AppError `unavailable` */
export async function rules(url: string): Promise<LoadedRule[]> {
  const groups = z.object({ groups: z.array(z.object({ rules: z.array(rule) })) });
  return parse(url, groups, await ask(url, '/api/v1/rules')).groups.flatMap(({ rules }) => rules);
}

/** The expression as Prometheus writes it, so that two can be compared. @throws AppError `invalid`, `unavailable` */
export async function formatted(url: string, expr: string): Promise<string> {
  const body = new URLSearchParams({ query: expr });
  return parse(url, z.string(), await ask(url, '/api/v1/format_query', { method: 'POST', body }));
}

/** The addresses of the Alertmanagers that alerts are sent to. @throws AppError `unavailable` */
export async function alertmanagers(url: string): Promise<string[]> {
  const active = z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) });
  return parse(url, active, await ask(url, '/api/v1/alertmanagers')).activeAlertmanagers.map(
    ({ url }) => url,
  );
}

/** @throws AppError `unavailable` */
export async function version(url: string): Promise<string> {
  const data = await ask(url, '/api/v1/status/buildinfo');
  return parse(url, z.object({ version: z.string() }), data).version;
}

/** When the configuration was last loaded, and whether the last try succeeded. @throws AppError `unavailable` */
export async function lastReload(url: string): Promise<{ at: number; successful: boolean }> {
  const names = 'prometheus_config_last_reload_success';
  const text = await request(`${url}/metrics`).then((response) => response.text());
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return { at: read(`${names}_timestamp_seconds`), successful: read(`${names}ful`) === 1 };
}

async function ask(url: string, path: string, init?: RequestInit, timeoutSeconds?: number): Promise<unknown> {
  const response = await request(url + path, init, timeoutSeconds);
  const body = parse(url, answer, await response.json().catch(() => undefined));
  if (body.status === 'success') return body.data;
  const code = response.status === 400 || response.status === 422 ? 'invalid' : 'unavailable';
  throw new AppError(code, `Prometheus: ${body.error ?? `status ${response.status}`}`);
}

async function request(url: string, init?: RequestInit, timeoutSeconds = 10): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutSeconds * 1000) });
  } catch (error) {
    throw new AppError('unavailable', `Prometheus does not answer at ${url}: ${whyNot(error)}`, {
      cause: error,
    });
  }
}

function parse<T extends z.ZodType>(url: string, schema: T, data: unknown): z.output<T> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new AppError('unavailable', `${url} does not answer as Prometheus does: ${parsed.error.message}`);
}

/** Prometheus writes numbers as text, since JSON has no NaN and no infinity. */
function prometheusNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
