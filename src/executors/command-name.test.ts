import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recognizeCli } from './cli-names.ts';
import { optionValue } from './command-name.ts';

describe('a command line is recognized', () => {
  it.each([
    ['claude -p Hi', 'claude-code'],
    ['/opt/bin/claude -p', 'claude-code'],
    ['npx -y @anthropic-ai/claude-code@2.1.3 -p', 'claude-code'],
    ['npx --package @anthropic-ai/claude-code claude -p', 'claude-code'],
    ['env -u HOME A=b C=d claude', 'claude-code'],
    ['A=b claude', 'claude-code'],
    ['node --no-warnings /opt/u/bin/claude', 'claude-code'],
    ['node /x/node_modules/@anthropic-ai/claude-code/cli.js -p', 'claude-code'],
    ['timeout -k 5 600 nice -n 5 claude -p', 'claude-code'],
    ['codex exec --json -', 'codex'],
    ['pnpm dlx @openai/codex exec', 'codex'],
    ['npm exec -- @openai/codex exec', 'codex'],
    ['cursor-agent -p', 'cursor'],
    ['agent -p', 'cursor'],
    ['cursor agent -p', 'cursor'],
    ['gemini -p Hi', 'gemini'],
    ['bunx @google/gemini-cli', 'gemini'],
    ['opencode run Hi', 'opencode'],
    ['npx opencode-ai@latest run', 'opencode'],
    ['aider -m Hi', 'aider'],
    ['python3 -m aider --message Hi', 'aider'],
    ['uvx --from aider-chat aider', 'aider'],
    ['uv tool run aider', 'aider'],
    ['pipx run aider-chat', 'aider'],
    ['python3 aider.py', undefined],
    ['uv pip install aider', undefined],
    ['npm run claude', undefined],
    ['cursor .', undefined],
    ['echo claude', undefined],
    ['env', undefined],
    ['constructor', undefined],
    ['sh -c claude', undefined],
    ['', undefined],
  ])('%s', (line, name) => {
    expect(recognizeCli(line.split(' ').filter(Boolean))).toBe(name);
  });

  it('by the name that the settings give its program', () => {
    const commands = { codex: { command: '/opt/bin/our-codex' } };
    expect(recognizeCli(['npx', '-y', 'our-codex'], commands)).toBe('codex');
    expect(recognizeCli(['codex'], commands)).toBe('codex');
    expect(recognizeCli(['our-codex'])).toBeUndefined();
  });

  it('or not, but never with a throw', () => {
    const word = fc.oneof(
      fc.constantFrom('env', 'npx', 'node', '--', '-u', 'pnpm', 'timeout', 'a=b'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        recognizeCli(argv);
      }),
    );
  });
});

it('finds the value of an option', () => {
  expect(optionValue(['x', '--output-format', 'json'], '--output-format')).toBe('json');
  expect(optionValue(['x', '-o=json'], '--output-format', '-o')).toBe('json');
  expect(optionValue(['x', '--output-format'], '--output-format')).toBeUndefined();
});
