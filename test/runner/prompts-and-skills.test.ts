import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agentTask, shellTask } from '../executors/service-stand-in.ts';
import { bench, git, testRepository } from './runner-under-test.ts';

async function withPrompts(files: Record<string, string>) {
  const made = await bench();
  const promptsDir = join(made.folder, 'prompts');
  mkdirSync(promptsDir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(promptsDir, name), text);
  const prompt = async (changes: Parameters<typeof agentTask>[0]) => {
    const { outcome, error_message } = await made.runOne(agentTask(changes), { promptsDir });
    if (outcome.status === 'failed') return { outcome, error_message };
    return readFileSync(join(made.folder, 'prompt'), 'utf8');
  };
  return { ...made, promptsDir, prompt };
}

it('an agent is told the template of its task type, or of its variant, or its direction as it is', async () => {
  const { prompt } = await withPrompts({
    'impl.md': '{{task_type}} for {{ project }}: {{direction}} ({{spec_file}})',
    'impl.terse.md': '{{direction}} Briefly. {{task_id}}',
  });
  const direction = 'Mend {{task_id}} and $& it.';
  const context = { spec_file: 'specs/a.md' };
  expect(await prompt({ direction, context })).toBe(`impl for default: ${direction} (specs/a.md)`);
  expect(await prompt({ id: 'my-task', direction, context: { prompt_variant: 'terse' } })).toBe(
    `${direction} Briefly. my-task`,
  );
  expect(await prompt({ direction, task_type: 'review' })).toBe(direction);
});

it.each([
  [
    'a variant without a template',
    { prompt_variant: 'wordy' },
    'prompt variant wordy: there is no impl.wordy.md',
  ],
  [
    'a placeholder that is not known',
    { prompt_variant: 'odd' },
    'prompt impl.odd.md: {{colour}} is not known',
  ],
  ['a placeholder of Object', { prompt_variant: 'proto' }, '{{constructor}} is not known'],
  [
    'a placeholder without a value',
    { prompt_variant: 'spec' },
    'prompt impl.spec.md: the task has no spec_file',
  ],
  ['a variant that leads out', { prompt_variant: '/../../secret' }, 'is no name of an entry of'],
  ['a variant behind a link that leads out', { prompt_variant: 'link' }, 'is no name of an entry of'],
])('%s fails the attempt, and says so', async (_, context, message) => {
  const { prompt, folder, promptsDir } = await withPrompts({
    'impl.odd.md': 'In {{colour}}',
    'impl.proto.md': '{{constructor}}',
    'impl.spec.md': '{{spec_file}}',
  });
  writeFileSync(join(folder, 'secret.md'), 'secret');
  symlinkSync(join(folder, 'secret.md'), join(promptsDir, 'impl.link.md'));
  expect(await prompt({ context })).toMatchObject({
    outcome: { error_class: 'nonzero_exit', cost_source: 'none' },
    error_message: expect.stringContaining(message),
  });
});

const commit = 'git add -A; git -c user.name=A -c user.email=a@b commit -qm x';

/** A runner with a skill of two files, one of them in the repository already. */
async function withSkill() {
  const made = await bench();
  const skillsDir = join(made.folder, 'skills');
  const agents = join(skillsDir, 'v2', '.claude', 'agents');
  mkdirSync(agents, { recursive: true });
  writeFileSync(join(agents, 'review [1] .md'), 'Review.\n');
  writeFileSync(join(skillsDir, 'v2', 'same.txt'), 'same\n');
  const repo = testRepository(made.folder, { 'a.txt': 'one\n', 'same.txt': 'same\n', '.claude/mine': '1\n' });
  const context = { skill_version: 'v2' };
  const task = (command: string, changes = {}) =>
    shellTask(command, { repo, context: { ...context, command }, ...changes });
  return { ...made, skillsDir, repo, task };
}

it('a skill is in the work tree, and not in what the agent changed', async () => {
  const { runOne, repo, skillsDir, task } = await withSkill();
  const command = `cat ".claude/agents/review [1] .md"; git status --porcelain; echo two >> a.txt; echo mine > .claude/agents/own.md`;
  const { log_tail, changes, branch } = await runOne(task(command), { skillsDir });
  expect(log_tail).toMatch(/\nReview\.\n# duration/);
  expect(changes?.files.map(({ path }) => path)).toEqual(['.claude/agents/own.md', 'a.txt']);
  expect(git(repo, 'ls-tree', '-r', '--name-only', String(branch))).not.toContain('review');
  // The repository itself was not told of it.
  expect(readFileSync(join(repo, '.git', 'info', 'exclude'), 'utf8')).not.toContain('review');
});

it('an agent that adds everything, even by force, has not committed it', async () => {
  const { run, repo, skillsDir, task } = await withSkill();
  const finishes = await run(
    [
      task(`echo two >> a.txt; ${commit}`),
      task(`echo two >> a.txt; env -u GIT_CONFIG_COUNT sh -c '${commit}'`),
      task('git add -f .claude; git -c user.name=A -c user.email=a@b commit -qm x'),
    ],
    { skillsDir, changeExpected: ['impl'] },
  );
  expect(finishes.map(({ outcome }) => outcome.error_class ?? 'completed')).toEqual([
    'completed',
    'completed',
    'no_change',
  ]);
  for (const { changes, branch } of finishes.slice(0, 2)) {
    expect(changes?.files.map(({ path }) => path)).toEqual(['a.txt']);
    expect(git(repo, 'ls-tree', '-r', '--name-only', String(branch))).not.toContain('review');
  }
});

it('what the user ignores everywhere stays ignored beside it', async () => {
  const { runOne, folder, skillsDir, task } = await withSkill();
  mkdirSync(join(folder, '.config', 'git'), { recursive: true });
  writeFileSync(join(folder, '.config', 'git', 'ignore'), '*.swp');
  const { changes } = await runOne(task('touch x.swp; echo two >> a.txt'), { skillsDir });
  expect(changes?.files.map(({ path }) => path)).toEqual(['a.txt']);
});

it('an attempt without a repository has it too, and leaves nothing of it', async () => {
  const { runOne, folder, skillsDir, task } = await withSkill();
  const { log_tail } = await runOne(task(`cat ".claude/agents/review [1] .md"`, { repo: undefined }), {
    skillsDir,
  });
  expect(log_tail).toContain('Review.\n');
  expect(readdirSync(join(folder, 'data', 'work'))).toEqual([]);
});

it.each([
  ['a version that is not there', 'v9', 'skill version v9: there is no such folder'],
  ['a version that leads out', '..', 'is no name of an entry of'],
  ['a version that is a path', 'v2/.claude', 'is no name of an entry of'],
  ['a file that the repository has otherwise', 'clash', 'skill version clash would overwrite a.txt'],
  ['a file where the repository has a folder', 'folder', 'skill version folder would overwrite .claude'],
  ['a folder where the repository has a link', 'out', 'outside is in the way, and no folder'],
  ['a link', 'link', 'passwd is no plain file'],
])('%s fails the attempt, and says so', async (_, version, message) => {
  const { runOne, folder, repo, skillsDir, task } = await withSkill();
  for (const name of ['clash', 'folder', 'out/outside', 'link']) {
    mkdirSync(join(skillsDir, name), { recursive: true });
  }
  writeFileSync(join(skillsDir, 'clash', 'a.txt'), 'other\n');
  writeFileSync(join(skillsDir, 'folder', '.claude'), 'other\n');
  writeFileSync(join(skillsDir, 'out', 'outside', 'made'), 'made\n');
  symlinkSync('/etc/passwd', join(skillsDir, 'link', 'passwd'));
  symlinkSync(folder, join(repo, 'outside'));
  git(repo, 'add', '-A');
  git(repo, '-c', 'user.name=S', '-c', 'user.email=s@s', 'commit', '-qm', 'Link');
  const command = 'true';
  const { outcome, error_message } = await runOne(
    task(command, { context: { command, skill_version: version } }),
    { skillsDir },
  );
  expect(outcome.error_class).toBe('nonzero_exit');
  expect(error_message).toContain(message);
  expect(existsSync(join(folder, 'made'))).toBe(false);
});

it('a plain folder is not ours to put a skill into', async () => {
  const { runOne, folder, skillsDir, task } = await withSkill();
  const plain = join(folder, 'plain');
  mkdirSync(plain);
  const { error_message } = await runOne(task('true', { repo: plain }), { skillsDir });
  expect(error_message).toContain('is no git repository to make a work tree of');
  expect(readdirSync(plain)).toEqual([]);
});
