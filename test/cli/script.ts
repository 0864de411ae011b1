import { readFileSync } from 'node:fs';

/**
 * A script: commands with what they are expected to say, in one text file.
 *
 *     # A comment.
 *     $ andon approve nosuch
 *     andon: there is no improvement nosuch
 *     [1]
 *
 *     -- andon.yaml --
 *     log_level: warn
 *
 * `[1]` is the exit code, where it is not 0. A command that ends in ` &` goes on in the background: it has to say
 * its lines, and `$ stop` ends it. Files stand at the end. Placeholders stand for what varies: `<id>`, `<port>`,
 * `<version>`, `<folder>`, and `<…>` for any text within a line.
 */
export interface Script {
  commands: ScriptCommand[];
  files: { name: string; content: string }[];
  /** The lines before the first command. */
  head: string[];
  /** The lines from the first file on, as they stand. */
  tail: string[];
}

export interface ScriptCommand {
  line: string;
  expected: string[];
}

export function readScript(path: string): Script {
  const lines = readFileSync(path, 'utf8').split('\n');
  const firstFile = lines.findIndex((line) => fileName(line) !== undefined);
  const tail = firstFile < 0 ? [] : lines.slice(firstFile);
  const script: Script = { commands: [], files: [], head: [], tail };
  for (const line of firstFile < 0 ? lines : lines.slice(0, firstFile)) {
    if (line.startsWith('$ ')) script.commands.push({ line: line.slice(2), expected: [] });
    else (script.commands.at(-1)?.expected ?? script.head).push(line);
  }
  for (const line of tail) {
    const name = fileName(line);
    const last = script.files.at(-1);
    if (name !== undefined) script.files.push({ name, content: '' });
    else if (last) last.content += `${line}\n`;
  }
  return script;
}

/** The script's text with what the commands said in place of what was expected. */
export function renderScript(script: Script, said: readonly string[][]): string {
  const commands = script.commands.flatMap(({ line }, index) => [`$ ${line}`, ...(said[index] ?? [])]);
  return [...script.head, ...commands, ...script.tail].join('\n');
}

/** What was said, with the placeholders of the expected lines wherever they fit, and with their comments. */
export function withPlaceholders(
  actual: readonly string[],
  expected: readonly string[],
  values: Record<string, string>,
): string[] {
  const wanted = expectedOutput(expected);
  const lines = actual.map((line, index) => {
    const candidate = wanted[index];
    return candidate !== undefined && patternOf(candidate, values).test(line) ? candidate : line;
  });
  return [...lines, ...expected.slice(wanted.length)];
}

/** The lines without the empty ones and the comments before the next command. */
export function expectedOutput(expected: readonly string[]): string[] {
  return expected.slice(0, expected.findLastIndex((line) => !isComment(line)) + 1);
}

function isComment(line: string): boolean {
  return line === '' || line.startsWith('# ');
}

function patternOf(line: string, values: Record<string, string>): RegExp {
  const kinds: Record<string, string> = { id: '[0-9a-z]{12}', port: '\\d+', '…': '.*' };
  const pattern = line.split(/(<[^<> ]+>)/).map((part) => {
    const name = part.slice(1, -1);
    const value = values[name];
    if (part.startsWith('<') && value !== undefined) return RegExp.escape(value);
    return (part.startsWith('<') && kinds[name]) || RegExp.escape(part);
  });
  return new RegExp(`^${pattern.join('')}$`);
}

function fileName(line: string): string | undefined {
  return /^-- (\S+) --$/.exec(line)?.[1];
}
