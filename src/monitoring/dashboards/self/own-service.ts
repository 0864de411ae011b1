import { jobs, serviceMetrics, storeGauges } from '../../../telemetry/names.ts';
import { countedByProcesses } from '../counts.ts';
import type { Section } from '../dashboard-declaration.ts';
import { bars, lines } from '../panels/chart.ts';
import { stat } from '../panels/stat.ts';
import { stored } from '../queries.ts';

const { http_duration, internal_errors, store_read, store_up, webhook_alerts } = serviceMetrics;
const upOrDown = { 0: '✗ down', 1: '✓ up' };

/** The service, its store and the webhook. */
export const ownService: Section = {
  title: 'Service, store and webhook',
  panels: [
    stat({
      title: 'Service',
      description: 'Whether Prometheus reaches it; of several replicas the one that is worst.',
      width: 4,
      unit: 'short',
      expr: `min(up{job="${jobs.service}"})`,
      words: upOrDown,
      noValue: 'not scraped',
    }),
    stat({
      title: 'Store',
      description: 'Whether it could be read and written at the last scrape.',
      width: 4,
      unit: 'short',
      expr: `min(${store_up.name})`,
      words: upOrDown,
      noValue: 'not scraped',
    }),
    stat({
      title: 'Slow answers',
      description: '95 % of the requests in the time shown were answered within this.',
      width: 4,
      unit: 's',
      expr: `histogram_quantile(0.95, sum by (le) (increase(${http_duration.name}_bucket[$__range])))`,
      noValue: 'no requests',
    }),
    stat({
      title: 'Our errors',
      description: 'Requests and jobs that failed in the time shown for a reason that is Andon’s.',
      width: 4,
      unit: 'short',
      decimals: 0,
      expr: `round(sum(increase(${internal_errors.name}[$__range])))`,
      words: { 0: '✓ none' },
      redFrom: 1,
      noValue: '✓ none',
      mayBeEmpty: true,
    }),
    stat({
      title: 'Last call of the webhook',
      description:
        'When Alertmanager last called: it does so of the Watchdog too, so that silence means it cannot.',
      width: 4,
      unit: 'dateTimeFromNow',
      expr: `max(${stored(storeGauges.webhook_last_call, [])}) * 1000`,
      noValue: 'it never has',
    }),
    stat({
      title: 'Alerts not worked off',
      description: 'Alerts that were received, and that nothing was made of yet.',
      width: 4,
      unit: 'short',
      expr: `max(${stored(storeGauges.alerts_unsettled, [])})`,
      words: { 0: '✓ none' },
      orangeFrom: 1,
      noValue: 'not scraped',
    }),
    bars({
      title: 'Requests by answer',
      description: 'By HTTP status; each bar counts those until the next one.',
      width: 8,
      unit: 'short',
      queries: [
        { expr: countedByProcesses('status_code', `${http_duration.name}_count`), legend: '{{status_code}}' },
      ],
      noValue: 'no requests',
    }),
    lines({
      title: 'A scrape waits for the store',
      description: 'How long each replica waited for its store when Prometheus asked.',
      width: 8,
      unit: 's',
      queries: [{ expr: `max by (instance) (${store_read.name})`, legend: '{{instance}}' }],
      noValue: 'not scraped',
    }),
    bars({
      title: 'Alerts received, by what came of them',
      description: 'What calls of the webhook told of; each bar counts those until the next one.',
      width: 8,
      unit: 'short',
      queries: [{ expr: countedByProcesses('result', webhook_alerts.name), legend: '{{result}}' }],
      noValue: 'no alert has come',
    }),
  ],
};
