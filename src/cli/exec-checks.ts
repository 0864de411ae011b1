import { existsSync } from 'node:fs';
import type { ReportingOptions } from './reporting-options.ts';

/** Fits every tag, and then some: the rules of each are tried where it is not of this form. */
const plainText = /^[A-Za-z0-9][\w.:/@+-]{0,63}$/;
/** Variables of ours that can hold anything, or that are no settings. */
const free = new Set([
  'ANDON_DATA_DIR',
  'ANDON_HOST',
  'ANDON_NO_INSTALL',
  'ANDON_SERVICE_URL',
  'ANDON_STORE',
  'ANDON_TOKEN',
]);

/**
 * True if nothing that the user says to `andon exec` can be refused, so that their command may start before the
 * settings and the tags are read: it need not wait for what reads them. False where that is not sure.
 */
export function isBeyondRefusal(options: ReportingOptions, env: NodeJS.ProcessEnv): boolean {
  const { taskId, taskType, project, executor, model, promptVariant, skillVersion, experiment, variant } =
    options;
  const tags = [taskId, taskType, project, executor, model, promptVariant, skillVersion, experiment, variant];
  return (
    tags.every((tag) => tag === undefined || plainText.test(tag)) &&
    Number.isInteger(options.attempt) &&
    options.attempt >= 1 &&
    options.attempt <= 10_000 &&
    [options.service, env.ANDON_SERVICE_URL].every((url) => url === undefined || isPlainUrl(url)) &&
    hasNoFile(options, env) &&
    Object.keys(env).every((name) => !name.startsWith('ANDON_') || free.has(name))
  );
}

function hasNoFile({ config }: ReportingOptions, env: NodeJS.ProcessEnv): boolean {
  return config === undefined && !env.ANDON_CONFIG && !existsSync('andon.yaml');
}

function isPlainUrl(text: string): boolean {
  return text === '' || (/^https?:\/\/[\w.:[\]/-]+$/.test(text) && URL.canParse(text));
}
