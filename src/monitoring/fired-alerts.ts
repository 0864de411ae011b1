import { alertComponent } from '../telemetry/names.ts';

/**
 * The alerts of Andon's of this name that fire, as the series that Prometheus itself writes of them: one for each set of
 * labels. With a window also those that have fired within it.
 */
export function firing(name: string, window?: string): string {
  const selector = `ALERTS{alertname="${name}",alertstate="firing",component="${alertComponent}"}`;
  return window === undefined ? selector : `last_over_time(${selector}[${window}])`;
}
