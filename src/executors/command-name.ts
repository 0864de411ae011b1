import { basename } from 'node:path';

/** A CLI's names: of its program, and of the npm package that `npx` starts or `node` runs a file of. */
export interface CommandNames {
  programs: string[];
  packages: string[];
  /** Another program, and the argument by which it becomes this one. */
  through?: [program: string, argument: string];
  /** How it is told to write figures to a file, besides its output. */
  record?: { option: string; variable: string };
  /** The options that name the model; `--model` and `-m`, unless said. */
  model?: string[];
}

/** Programs that start another, and their options that take a value of their own. */
const starters = new Map(
  Object.entries<string[]>({
    env: ['-u', '--unset', '-C', '--chdir'],
    npx: ['-p', '--package', '-w', '--workspace'],
    bunx: ['-p', '--package'],
    pnpx: ['--package'],
    node: ['-r', '--require', '--import', '--loader', '--env-file'],
    bun: [],
    deno: [],
    nohup: [],
    time: ['-f', '-o'],
    nice: ['-n'],
    timeout: ['-s', '--signal', '-k', '--kill-after'],
    stdbuf: ['-i', '-o', '-e'],
    uvx: ['--from', '--with', '-p', '--python'],
  }),
);
/** What stands between the starter and the program it starts. */
const subcommands = new Map(
  Object.entries<string[]>({
    pnpm: ['dlx', 'exec'],
    yarn: ['dlx', 'exec'],
    npm: ['exec', 'x'],
    pipx: ['run'],
    uv: ['run', 'tool'],
    bun: ['run', 'x'],
    deno: ['run'],
  }),
);

/** Whether a command line starts one of these programs, by itself or through `npx`, `env VAR=x`, `node …/claude`. */
export function starts(argv: readonly string[], names: CommandNames): boolean {
  const at = programAt(argv);
  const program = at === undefined ? undefined : argv[at];
  if (program === undefined) return false;
  const name = basename(program).replace(/\.(?:[cm]?js|cmd|exe)$/, '');
  if (names.programs.includes(name)) return true;
  if (names.through?.[0] === name && argv.includes(names.through[1])) return true;
  return names.packages.some(
    (one) => program.replace(/(?<=.)@[^/@]*$/, '') === one || program.includes(`/node_modules/${one}/`),
  );
}

/** Where in a command line the program stands that does the work. */
function programAt(argv: readonly string[]): number | undefined {
  let at = 0;
  // Each turn takes one starter off; there are never more than arguments.
  for (;;) {
    while (/^\w+=/.test(argv[at] ?? '')) at += 1;
    const name = basename(argv[at] ?? '');
    if (/^python[\d.]*$/.test(name) && argv[at + 1] === '-m') return at + 2;
    const withValue = starters.get(name);
    const verbs = subcommands.get(name);
    if (!withValue && !verbs) return at < argv.length ? at : undefined;
    at = afterOptions(argv, at + 1, withValue ?? []);
    const first = at;
    while (verbs?.includes(argv[at] ?? '')) at = afterOptions(argv, at + 1, []);
    if (verbs && !withValue && at === first) return undefined;
    if (name === 'timeout') at += 1;
  }
}

function afterOptions(argv: readonly string[], from: number, withValue: string[]): number {
  let at = from;
  while (argv[at]?.startsWith('-')) {
    if (argv[at] === '--') return at + 1;
    at += withValue.includes(argv[at] ?? '') ? 2 : 1;
  }
  return at;
}

/** The value of an option in a command line, written `--name value` or `--name=value`. */
export function optionValue(argv: readonly string[], ...names: string[]): string | undefined {
  for (const [index, argument] of argv.entries()) {
    for (const name of names) {
      if (argument === name) return argv[index + 1];
      if (argument.startsWith(`${name}=`)) return argument.slice(name.length + 1);
    }
  }
  return undefined;
}
