/** The groups that rules are evaluated in; Prometheus calls them by their file and these names. */
export const groupNames = {
  alerts: 'andon-alerts',
  slowAlerts: 'andon-slow-alerts',
} as const;

/** Matches what Prometheus calls the groups of alerts, and all of ours. */
export const alertGroups = `.*;(${groupNames.alerts}|${groupNames.slowAlerts})-.+`;
export const ourGroups = '.*;andon-.+';
