import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { apiReference } from '../api/reference.ts';
import { serviceUrlOf } from '../app/api-client.ts';
import { declaredRoutes } from '../app/routes.ts';
import { loadConfig, objectivesOf } from '../config.ts';
import { settingsReference } from '../config-reference.ts';
import { AppError } from '../domain/errors.ts';
import { type GeneratedFile, generatedFiles } from '../monitoring/generate.ts';
import { ownStackFiles, type StackFormat, stackFormats } from '../monitoring/own-stack.ts';
import { cliReference } from './reference.ts';
import { say } from './terminal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function generateCommand(): Command {
  return new Command('generate')
    .description('Write rules, routes and scrape jobs for a Prometheus and an Alertmanager of your own')
    .option('--out <folder>', 'where to; without it Andon’s own generated files are written again')
    .option('-c, --config <file>', 'settings, with the thresholds; andon.yaml in this folder if it is there')
    .option('--public-url <url>', 'how people reach the service; links in alerts begin with it')
    .option('--service-url <url>', 'where Prometheus and Alertmanager reach it')
    .addOption(new Option('--format <format>', 'as what').choices(stackFormats).default('files'))
    .option('--check', 'write nothing; fail if a file differs')
    .action((options: GenerateOptions, command: Command) => {
      if (options.out !== undefined) {
        const files = ownStack(options);
        if (options.check) check(files, options.out);
        else write(files, options.out);
        return;
      }
      const files = filesOf(command.parent ?? command);
      if (options.check) check(files, root);
      else write(files, root);
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

function ownStack({ config: file, publicUrl, serviceUrl, format }: GenerateOptions): GeneratedFile[] {
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
      tokens: config.service.tokens.length > 0,
    },
    format,
  );
}

function filesOf(program: Command): GeneratedFile[] {
  return [
    ...generatedFiles(),
    { path: 'docs/reference/settings.md', content: settingsReference() },
    { path: 'docs/reference/api.md', content: apiReference(declaredRoutes()) },
    { path: 'docs/reference/cli.md', content: cliReference(program) },
  ];
}

function write(files: GeneratedFile[], folder: string): void {
  for (const { path, content } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
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
