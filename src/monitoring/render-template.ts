import { AppError } from '../domain/errors.ts';

/** What stands for a placeholder; written as JSON, which YAML reads as it is. Undefined: not given. */
export type TemplateValue = string | number | readonly (string | object)[] | undefined;

const placeholder = /\{\{(\w+)(\??)\}\}/g;

/**
 * Fills the `{{name}}` placeholders of a YAML template. A line with a `{{name?}}` whose value is not given is
 * left out; comments stay as they are.
 * @throws AppError `internal` that names a placeholder without a value, or a value without a placeholder
 */
export function renderTemplate(template: string, values: Record<string, TemplateValue>): string {
  const used = new Set<string>();
  const lines = template.split('\n').flatMap((line) => {
    if (line.trimStart().startsWith('#')) return [line];
    let leaveOut = false;
    const filled = line.replace(placeholder, (_match, name: string, optional: string) => {
      used.add(name);
      const value = values[name];
      if (value !== undefined) return JSON.stringify(value);
      if (!optional) throw new AppError('internal', `template: no value for {{${name}}}`);
      leaveOut = true;
      return '';
    });
    return leaveOut ? [] : [filled];
  });
  const unknown = Object.keys(values).find((name) => !used.has(name));
  if (unknown) throw new AppError('internal', `template: no placeholder {{${unknown}}}`);
  return lines.join('\n');
}
