import { labelled } from './inline-records.ts';

type Labels = Readonly<Record<string, string>>;

/** Which label sets of an alert fire now, or have fired within a window. */
export type Fired = (alert: string, window?: string) => readonly Labels[];

const selector = /last_over_time\(ALERTS\{([^}]*)\}\[(\w+)\]\)|ALERTS\{([^}]*)\}/g;
/** Of no labels and no value. */
const nothing = '(vector(1) < 0)';

/** An expression with the series that Prometheus writes of its alerts replaced by what they are. */
export function substituteAlerts(expr: string, fired: Fired): string {
  return expr.replace(selector, (_whole, within, window, now) => {
    const sets = fired(alertName(within ?? now), window);
    return sets.length === 0 ? nothing : `(${sets.map(labelled).join(' or ')})`;
  });
}

/** The alerts whose series an expression reads, with the window within which they count. */
export function alertsRead(expr: string): { alert: string; window?: string }[] {
  return [...expr.matchAll(selector)].map(([, within, window, now]) => ({
    alert: alertName(within ?? now),
    window,
  }));
}

function alertName(matchers = ''): string {
  return /alertname="(\w+)"/.exec(matchers)?.[1] ?? '';
}
