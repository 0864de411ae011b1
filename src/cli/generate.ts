import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { AppError, messageOf } from '../domain/errors.ts';
import type { GeneratedFile } from '../monitoring/generated-file.ts';
import { type StackFormat, stackFormats } from '../monitoring/stack-format.ts';
import { cliReference } from './reference.ts';
import { say } from './terminal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function generateCommand(): Command {
  return new Command('generate')
    .description('Write rules, routes, scrape jobs and dashboards for a monitoring stack of your own')
    .option('--out <folder>', 'where to; without it Andon’s own generated files are written again')
    .option('-c, --config <file>', 'settings, with the thresholds; andon.yaml in this folder if it is there')
    .option(
      '--public-url <url>',
      'how people reach the service; links in alerts and dashboards begin with it',
    )
    .option('--service-url <url>', 'where Prometheus and Alertmanager reach it')
    .addOption(new Option('--format <format>', 'as what').choices(stackFormats).default('files'))
    .option('--check', 'write nothing; fail if a file differs')
    .action(async (options: GenerateOptions, command: Command) => {
      const { out: folder = root } = options;
      refuseWithoutFolder(options, command);
      const files =
        options.out === undefined ? await filesOf(command.parent ?? command) : await ownStack(options);
      if (options.check) check(files, folder);
      else write(files, folder);
    });
}

interface GenerateOptions {
  out?: string;
  config?: string;
  publicUrl?: string;
  serviceUrl?: string;
  format: StackFormat;
  check?: boolean;
}

/** What is for a stack of one's own would be written over Andon's own files, or be passed over. */
function refuseWithoutFolder({ out }: GenerateOptions, command: Command): void {
  const given = ['config', 'publicUrl', 'serviceUrl', 'format'].filter(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (out !== undefined || given.length === 0) return;
  const flags = command.options.filter((option) => given.includes(option.attributeName()));
  command.error(`error: ${flags.map(({ long }) => long).join(', ')}: only with --out FOLDER`);
}

async function ownStack(options: GenerateOptions): Promise<GeneratedFile[]> {
  const { config: file, publicUrl, serviceUrl, format } = options;
  const { asksForTokens, loadConfig, objectivesOf } = await import('../config.ts');
  const { serviceUrlOf } = await import('../app/api-client.ts');
  const { ownStackFiles } = await import('../monitoring/own-stack.ts');
  const config = loadConfig({
    file,
    overrides: { 'service.public_url': publicUrl, 'runner.service_url': serviceUrl },
  });
  const reached = serviceUrlOf(config);
  return ownStackFiles(
    {
      objectives: objectivesOf(config),
      notifications: config.notifications,
      serviceUrl: reached,
      publicUrl: config.service.public_url ?? reached,
      grafanaUrl: config.monitoring.grafana_url,
      tokens: asksForTokens(config),
    },
    format,
  );
}

async function filesOf(program: Command): Promise<GeneratedFile[]> {
  const { generatedFiles } = await import('../monitoring/generate.ts');
  const { settingsReference } = await import('../config-reference.ts');
  const { apiReference } = await import('../api/reference.ts');
  const { declaredRoutes } = await import('../app/routes.ts');
  return [
    ...generatedFiles(),
    { path: 'docs/reference/settings.md', content: settingsReference() },
    { path: 'docs/reference/api.md', content: apiReference(declaredRoutes()) },
    { path: 'docs/reference/cli.md', content: cliReference(program) },
  ];
}

/** @throws AppError `invalid` for a folder that cannot be written to */
function write(files: GeneratedFile[], folder: string): void {
  for (const { path, content, secret } of files) {
    const file = join(folder, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      // One that is there already keeps its mode when it is written: taken away, it gets the one that it should have.
      if (secret) rmSync(file, { force: true });
      writeFileSync(file, content, secret ? { mode: 0o600 } : {});
    } catch (cause) {
      throw new AppError('invalid', `cannot write ${file}: ${messageOf(cause)}`, { cause });
    }
    say(folder === root ? path : file);
  }
}

/** @throws AppError `invalid` that names the files which are not what they would be */
function check(files: GeneratedFile[], folder: string): void {
  const stale = files.filter(({ path, content }) => readIfThere(join(folder, path)) !== content);
  if (stale.length === 0) return;
  const names = stale.map(({ path }) => path).join(', ');
  throw new AppError(
    'invalid',
    `generated files are out of date: ${names}. Run: ${folder === root ? 'npm run generate' : 'andon generate without --check'}`,
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
