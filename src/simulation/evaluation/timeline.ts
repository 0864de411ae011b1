export type Labels = Readonly<Record<string, string>>;

/** While one alert of one label set fired: from one minute up to another. */
export interface Episode {
  alert: string;
  labels: Labels;
  from: number;
  to: number;
}

/** The same for the same labels, in whatever order. */
export function labelKey(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether all of these labels are there; an empty one says that it is not. */
export function hasLabels(labels: Labels, wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([label, value]) => (labels[label] ?? '') === value);
}
