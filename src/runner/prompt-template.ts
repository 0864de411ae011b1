import { readFile } from 'node:fs/promises';
import { AppError } from '../domain/errors.ts';
import type { Task } from '../domain/task.ts';
import { pathWithin } from './path-within.ts';

/**
 * What the agent is told: the task's direction in the template of its type (`<task_type>.md`), or of its type and
 * prompt variant (`<task_type>.<prompt_variant>.md`). Without a folder of templates, or one for a type without a
 * variant, the direction as it is.
 * @throws AppError `invalid` if the variant has no template, or a template asks for what the task does not say
 */
export async function promptOf(task: Task, promptsDir: string | undefined): Promise<string> {
  if (!promptsDir) return task.direction;
  const variant = task.context.prompt_variant;
  const name = variant === undefined ? `${task.task_type}.md` : `${task.task_type}.${variant}.md`;
  const template = await readWithin(promptsDir, name);
  if (template !== undefined) return fill(template, name, task);
  if (variant === undefined) return task.direction;
  throw new AppError('invalid', `prompt variant ${variant}: there is no ${name} in ${promptsDir}`);
}

/** One pass: what a direction holds is data, and is not looked through again. */
function fill(template: string, name: string, task: Task): string {
  const values: Record<string, string | undefined> = {
    direction: task.direction,
    task_id: task.id,
    task_type: task.task_type,
    project: task.project,
    spec_file: task.context.spec_file,
  };
  return template.replaceAll(/\{\{([^{}]*)\}\}/g, (placeholder, inside: string) => {
    const key = inside.trim();
    if (!Object.hasOwn(values, key)) {
      throw new AppError('invalid', `prompt ${name}: ${placeholder} is not known`);
    }
    const value = values[key];
    if (value === undefined) throw new AppError('invalid', `prompt ${name}: the task has no ${key}`);
    return value;
  });
}

/** The text of a file in a folder; undefined if there is none. */
async function readWithin(folder: string, name: string): Promise<string | undefined> {
  const path = await pathWithin(folder, name);
  return path === undefined ? undefined : readFile(path, 'utf8');
}
