import type { StoredAlert } from '../domain/alert.ts';
import type { AlertDeclaration } from '../monitoring/alert-declaration.ts';
import { alertComponent, alertLabels } from '../telemetry/names.ts';

/**
 * The declaration that an alert is of; undefined if it is somebody else's. Ours has a name that is declared and our
 * component. One without a component is taken from rules that were written before there was one, or by hand in
 * Grafana: then every label that it would be about has to be there. Names such as `AgentDown` are not ours alone.
 */
export function declarationOf(
  { name, labels }: Pick<StoredAlert, 'name' | 'labels'>,
  find: (name: string) => AlertDeclaration | undefined,
): AlertDeclaration | undefined {
  const declaration = find(name);
  if (!declaration) return undefined;
  const component = labels[alertLabels.component];
  const ours =
    component === undefined
      ? declaration.subject.length > 0 && declaration.subject.every((label) => labels[label])
      : component === alertComponent;
  return ours ? declaration : undefined;
}
