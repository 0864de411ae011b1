import type { PanelDeclaration } from './dashboard-declaration.ts';
import type { Filter } from './filters.ts';

/** What a panel says of itself, and which of its dashboard's filters change nothing in it. */
export function descriptionOf({ description, panel }: PanelDeclaration, filters: readonly Filter[]): string {
  const queries = JSON.stringify(panel.targets);
  const idle = filters.filter((filter) => !new RegExp(`\\$${filter}\\b`).test(queries));
  if (idle.length === 0) return description;
  const names = idle.map((filter) => filter.replace('_', ' ')).join(', ');
  return `${description} ${idle.length === filters.length ? 'Filters change nothing here.' : `Not filtered by ${names}.`}`;
}
