import { expect, it } from 'vitest';
import { cliOf } from './known-cli.ts';

const known = (line: string, said?: string) => cliOf(line.split(' '), { said, env: {} });

it.each([
  ['codex exec --json -m gpt-5 Hi', 'gpt-5'],
  ['claude -p --model=opus Hi', 'opus'],
  ['aider --model sonnet -m Hi', 'sonnet'],
  // Its message is not its model.
  ['aider -m Hi', undefined],
  ['sh -m Hi', undefined],
])('%s asks for %s', (line, model) => {
  expect(known(line).askedModel).toBe(model);
});

it('is the one that is said, else the one that it looks like', () => {
  expect(known('claude -p --output-format json')).toMatchObject({
    executor: 'claude-code',
    readable: true,
    telling: true,
  });
  expect(known('claude -p')).toMatchObject({ readable: true, telling: false });
  expect(known('nightly.sh', 'codex')).toEqual({ executor: 'codex', readable: true, telling: true });
  expect(known('nightly.sh', 'goose')).toEqual({ executor: 'goose', readable: false, telling: false });
  expect(known('nightly.sh')).toEqual({ executor: undefined, readable: false, telling: false });
});
