import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';

const source = join(import.meta.dirname, '../src');

/** What each part may import of ours, besides itself. `app`, `demo`, `cli` and `main.ts` import anything. */
const allowed: Record<string, string[]> = {
  domain: [],
  stats: ['domain'],
  'telemetry/names.ts': ['domain'],
  telemetry: ['domain', 'stats', 'telemetry/names.ts'],
  store: ['domain', 'stats', 'telemetry/names.ts'],
  executors: ['domain', 'stats', 'telemetry/names.ts'],
  improvement: ['domain', 'stats', 'telemetry/names.ts', 'monitoring'],
  reports: ['domain', 'stats'],
  runner: ['domain', 'executors', 'telemetry', 'review'],
  exec: ['domain', 'executors', 'runner'],
  pricing: ['domain'],
  api: ['domain', 'reports', 'review', 'improvement', 'pricing'],
  pages: ['domain', 'reports', 'improvement', 'monitoring', 'api'],
  monitoring: ['domain', 'telemetry/names.ts'],
  stack: ['domain', 'monitoring'],
  simulation: ['domain', 'monitoring', 'stack', 'telemetry/names.ts'],
  'environment.ts': [],
  'config.ts': ['domain', 'monitoring', 'environment.ts'],
  'config-reference.ts': ['config.ts', 'monitoring'],
  'version.ts': [],
  app: ['*'],
  demo: ['*'],
  cli: ['*'],
  'main.ts': ['*'],
};
/** Parts that nothing but each other may import. */
const outermost = ['app', 'demo', 'cli', 'main.ts'];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .sort();

function partOf(file: string): string {
  return file in allowed ? file : (file.split('/')[0] ?? file);
}

/** What a file imports of ours; both are paths from `folder`. */
function importsOf(file: string, folder = source): string[] {
  const text = readFileSync(join(folder, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    relative(folder, join(folder, file, '..', path)),
  );
}

test('imports go one way', () => {
  const wrong = files.flatMap((file) => {
    const part = partOf(file);
    const may = allowed[part];
    if (!may) return [`${file}: the part ${part} is not in test/architecture.test.ts`];
    return importsOf(file)
      .filter((target) => {
        const to = partOf(target);
        return to !== part && !may.includes('*') && !may.includes(to);
      })
      .map((target) => `${file} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test('nothing imports what is outermost', () => {
  const wrong = files
    .filter((file) => !outermost.includes(partOf(file)))
    .flatMap((file) =>
      importsOf(file)
        .filter((to) => outermost.includes(partOf(to)))
        .map((to) => `${file} imports ${to}`),
    );
  expect(wrong).toEqual([]);
});

test('the product imports no test, and nothing imports a benchmark', () => {
  const root = join(source, '..');
  const importing = ['src', 'test', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file)),
  );
  expect(importing).toContain('bench/main.ts');
  const isProduct = (file: string) => file.startsWith('src/') && !file.endsWith('.test.ts');
  const wrong = importing.flatMap((file) =>
    importsOf(file, root)
      .filter((to) => !to.startsWith('src/') && !(to.startsWith('test/') && !isProduct(file)))
      .filter((to) => !(to.startsWith('bench/') && file.startsWith('bench/')))
      .map((to) => `${file} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test('the environment is read in one file', () => {
  const readers = files.filter((file) => readFileSync(join(source, file), 'utf8').includes('process.env'));
  expect(readers).toEqual(['environment.ts']);
});

test('metric names are spelt in one file', () => {
  const spellers = files.filter((file) =>
    /['"`](agent|andon)_[a-z_]+(_total|_seconds|_tasks|_improvements)/.test(
      readFileSync(join(source, file), 'utf8'),
    ),
  );
  expect(spellers).toEqual(['telemetry/names.ts']);
});

/** What a file makes Node load before anything in it runs: not its types, and not what `import()` asks for later. */
function loadedAtOnce(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/^(?:import|export) (?!type )(?:[^;']*? from )?'([^']+)';/gm)].map(
    ([, path = '']) => (path.startsWith('.') ? relative(source, join(source, file, '..', path)) : path),
  );
}

test('a command waits for nothing that it does not need', () => {
  const loaded = new Set(['main.ts']);
  // A set is gone over with what is added meanwhile.
  for (const file of loaded) if (file.endsWith('.ts')) for (const one of loadedAtOnce(file)) loaded.add(one);
  const packages = [...loaded].filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'));
  expect(packages).toEqual(['commander']);
  expect(loaded).toContain('exec/measured-run.ts');
});

test('no file is a place to lose things in', () => {
  const vague = files.filter((file) => /(^|\/)(utils?|common|helpers?|types|misc|index)\.ts$/.test(file));
  expect(vague).toEqual([]);
});
