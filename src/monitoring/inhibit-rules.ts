import { alertComponent } from '../telemetry/names.ts';
import type { AlertDeclaration } from './alert-declaration.ts';
import { alertDeclarations } from './alerts/registry.ts';

/** One inhibition as Alertmanager has it. */
export interface InhibitRule {
  source_matchers: string[];
  target_matchers: string[];
  equal?: string[];
}

/**
 * What keeps one cause from making several messages: for each alert that follows from others, a rule for each set of
 * labels in which they must agree.
 */
export function inhibitRules(declarations: readonly AlertDeclaration[] = alertDeclarations): InhibitRule[] {
  return declarations.flatMap(({ name, inhibitedBy = [] }) => {
    const byLabels = Map.groupBy(inhibitedBy, ({ equal = [] }) => equal.join(','));
    return [...byLabels.values()].map((causes) => ({
      source_matchers: [
        `component="${alertComponent}"`,
        `alertname=~"${causes.map(({ alert }) => alert).join('|')}"`,
      ],
      target_matchers: [`component="${alertComponent}"`, `alertname="${name}"`],
      ...(causes[0]?.equal && { equal: [...causes[0].equal] }),
    }));
  });
}
