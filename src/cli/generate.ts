import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { AppError } from '../domain/errors.ts';
import type { GeneratedFile } from '../monitoring/generate.ts';
import { cliReference } from './reference.ts';
import { say } from './terminal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function generateCommand(): Command {
  return new Command('generate')
    .description('Write the rules and reference pages that are made from the declarations')
    .option('--check', 'write nothing; fail if a file differs')
    .action(async (options: { check?: boolean }, command: Command) => {
      const files = await filesOf(command.parent ?? command);
      if (options.check) check(files);
      else write(files);
    });
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

function write(files: GeneratedFile[]): void {
  for (const { path, content } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    say(path);
  }
}

/** @throws AppError `invalid` that names the files which are not what they would be */
function check(files: GeneratedFile[]): void {
  const stale = files.filter(({ path, content }) => readIfThere(join(root, path)) !== content);
  if (stale.length === 0) return;
  const names = stale.map(({ path }) => path).join(', ');
  throw new AppError('invalid', `generated files are out of date: ${names}. Run: npm run generate`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
