import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Task } from '../../src/domain/task.ts';
import { eventually } from '../eventually.ts';
import { shellTask } from '../executors/service-stand-in.ts';
import { startRunnerProcess } from './runner-process.ts';
import { appears, bench, git, isRunning, testRepository } from './runner-under-test.ts';

/** A runner, and a repository with one commit. */
async function withRepository(files?: Record<string, string>, env?: Record<string, string>) {
  const made = await bench(env);
  const repo = testRepository(made.folder, files);
  const base = git(repo, 'rev-parse', 'HEAD');
  const work = join(made.folder, 'data', 'work');
  const left = () => (existsSync(work) ? readdirSync(work).sort() : []);
  const branches = () =>
    git(repo, 'branch', '--format=%(refname:short)', '--list', 'andon/*').split('\n').filter(Boolean);
  const trees = () => git(repo, 'worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;
  const task = (command: string, changes?: Partial<Task>) => shellTask(command, { repo, ...changes });
  return { ...made, repo, base, left, branches, trees, task };
}

const commit = (message: string) =>
  `git add -A && git -c user.name=Agent -c user.email=a@b commit -qm "${message}"`;
const changing = { changeExpected: ['impl'] };

it('what an agent commits is on its branch, and told; its tree is gone', async () => {
  const { runOne, repo, base, left, branches, trees, task } = await withRepository();
  const asked = task(`echo two >> a.txt; printf '\\0\\1' > b.bin; ${commit('Two')}; pwd`);
  const { outcome, branch, changes, log_tail } = await runOne(asked, changing);
  expect(outcome.status).toBe('completed');
  expect(log_tail).toContain(`/data/work/${asked.id}-1\n`);
  expect(branch).toBe(`andon/${asked.id}-1`);
  expect(changes).toEqual({
    base,
    head: git(repo, 'rev-parse', `andon/${asked.id}-1`),
    commits: 1,
    files: [{ path: 'a.txt', added: 1, deleted: 0 }, { path: 'b.bin' }],
    files_changed: 2,
    lines_added: 1,
    lines_deleted: 0,
  });
  expect([left(), trees(), branches()]).toEqual([[], 1, [branch]]);
  expect(readFileSync(join(repo, 'a.txt'), 'utf8')).toBe('one\n');
});

it('what a successful agent left uncommitted is committed for it', async () => {
  const { runOne, repo, branches, task } = await withRepository();
  const asked = task('echo two >> a.txt; mkdir d; echo new > "d/ü\nn.txt"', {
    direction: '# Say two.\nAnd more.',
  });
  const { outcome, branch, changes } = await runOne(asked, changing);
  expect(outcome.status).toBe('completed');
  expect(changes).toMatchObject({ commits: 1, files_changed: 2, lines_added: 2 });
  expect(changes?.files.map(({ path }) => path)).toEqual(['a.txt', 'd/ü\nn.txt']);
  expect(branches()).toEqual([branch]);
  expect(git(repo, 'log', '-1', '--format=%an <%ae>%n%B', String(branch))).toBe(
    `Andon <andon@localhost>\nandon: # Say two.\n\nLeft uncommitted by the agent of task ${asked.id}.\n\nAndon-Task: ${asked.id}`,
  );
});

it('it is committed by the repository’s own author, and no hook of the repository is run', async () => {
  const { runOne, repo, task } = await withRepository();
  git(repo, 'config', 'user.name', 'Owner');
  git(repo, 'config', 'user.email', 'owner@example.invalid');
  for (const hook of ['pre-commit', 'post-checkout', 'commit-msg']) {
    writeFileSync(join(repo, '.git', 'hooks', hook), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
  const { outcome, branch } = await runOne(task('echo two >> a.txt'), changing);
  expect(outcome.status).toBe('completed');
  expect(git(repo, 'log', '-1', '--format=%an <%ae>', String(branch))).toBe('Owner <owner@example.invalid>');
});

it('no change where one was asked for has failed, and leaves nothing', async () => {
  const { run, left, branches, trees, task } = await withRepository();
  const undone = `echo two >> a.txt; ${commit('Two')}; git -c user.name=A -c user.email=a@b revert --no-edit HEAD`;
  const finishes = await run(
    [
      task('true'),
      task(undone),
      task('true', { expects_change: false }),
      task('true', { task_type: 'review' }),
      task('true', { task_type: 'review', expects_change: true }),
    ],
    changing,
  );
  expect(finishes.map(({ outcome }) => outcome.error_class ?? outcome.status)).toEqual([
    'no_change',
    'no_change',
    'completed',
    'completed',
    'no_change',
  ]);
  expect(finishes[0]).toMatchObject({ error_message: 'a change was asked for, and none was made' });
  expect(finishes[0]?.branch).toBeUndefined();
  // The one with commits that came to nothing failed, and is kept to be looked at.
  expect(branches()).toHaveLength(1);
  expect([left().length, trees()]).toEqual([2, 2]);
});

it('a plain folder is worked in as it is, and asks for no change', async () => {
  const { runOne, folder } = await bench();
  const repo = join(folder, 'plain');
  mkdirSync(repo);
  const { outcome, changes, branch } = await runOne(shellTask('echo 1 > made', { repo }), changing);
  expect(outcome.status).toBe('completed');
  expect([changes, branch]).toEqual([undefined, undefined]);
  expect(existsSync(join(repo, 'made'))).toBe(true);
});

it('many tasks on one repository at once each have their own tree', async () => {
  const { run, left, branches, trees, task } = await withRepository();
  const tasks = Array.from({ length: 24 }, (_, i) => task(`test "$(cat a.txt)" = one; echo ${i} > a.txt`));
  const finishes = await run(tasks, { workers: 24, ...changing });
  expect(finishes.map(({ outcome, error_message }) => error_message ?? outcome.status)).toEqual(
    Array(24).fill('completed'),
  );
  expect(new Set(finishes.map(({ branch }) => branch)).size).toBe(24);
  expect([left(), trees(), branches().length]).toEqual([[], 1, 24]);
}, 60_000);

it('two runners on one repository do not get in each other’s way', async () => {
  const { service, folder, repo, run, queue, branches, trees } = await withRepository();
  // Four workers each: the first five run only where both runners are at work.
  mkdirSync(join(folder, 'begun'));
  const begin = `touch ${folder}/begun/$ANDON_TASK_ID; until [ "$(ls ${folder}/begun | wc -l)" -ge 5 ]; do sleep 0.02; done`;
  await queue(...Array.from({ length: 24 }, () => shellTask(`${begin}; date > a.txt`, { repo })));
  const ended = async () => {
    const { body } = await service.get('/api/agent/tasks?limit=50');
    return (body as { items: Task[] }).items.filter(({ finished_at }) => finished_at);
  };
  startRunnerProcess(service.url, join(folder, 'other'), 'r2');
  await run([], changing);
  await eventually(async () => expect(await ended()).toHaveLength(24));
  expect((await ended()).map(({ error_message }) => error_message).filter(Boolean)).toEqual([]);
  expect(new Set((await ended()).map(({ runner }) => runner))).toEqual(new Set(['r1', 'r2']));
  expect(branches()).toHaveLength(24);
  await eventually(() => expect(trees()).toBe(1));
}, 60_000);

it('a failed attempt’s tree is kept with what is in it, and swept when its time is over', async () => {
  const { runOne, run, folder, left, branches, trees, repo, task } = await withRepository();
  const asked = task(`echo two >> a.txt; ${commit('Two')}; echo three >> a.txt; echo new > new.txt; exit 3`);
  const { outcome, branch, changes } = await runOne(asked);
  expect(outcome.error_class).toBe('nonzero_exit');
  expect(changes).toMatchObject({ commits: 1, lines_added: 2 });
  const tree = `${asked.id}-1`;
  expect(left()).toEqual([tree, `${tree}.json`]);
  expect(readFileSync(join(folder, 'data', 'work', tree, 'new.txt'), 'utf8')).toBe('new\n');

  const inHours = (hours: number) => ({ clock: () => Date.now() + hours * 3_600_000 });
  await run([], inHours(71));
  expect(left()).toEqual([tree, `${tree}.json`]);
  await run([], inHours(73));
  await eventually(() => expect([left(), trees()]).toEqual([[], 1]));
  // Commits are work: the branch stays.
  expect(branches()).toEqual([branch]);
  expect(git(repo, 'show', `${branch}:a.txt`)).toBe('one\ntwo');
});

it('nothing is kept of a failed attempt that changed nothing, or if that is not wanted', async () => {
  const { run, left, branches, trees, task } = await withRepository();
  await run([task('exit 3')]);
  const leaving = 'echo two >> a.txt; exit 3';
  await run([task(leaving), shellTask(leaving)], { keepFailedHours: 0 });
  expect([left(), trees(), branches()]).toEqual([[], 1, []]);
});

it('a sweep takes only what this data folder made', async () => {
  const { run, folder, repo, left, trees } = await withRepository();
  const work = join(folder, 'data', 'work');
  mkdirSync(join(work, 'mine'), { recursive: true });
  writeFileSync(join(work, 'mine.json'), '{"a":1}');
  git(repo, 'worktree', 'add', '-q', join(work, 'by-hand'), '-b', 'andon/by-hand');
  await run([], { clock: () => Date.now() + 1e12 });
  await run([]);
  expect(left()).toEqual(['by-hand', 'mine', 'mine.json']);
  expect(trees()).toBe(2);
});

it('what a killed runner left is kept if there is work in it, else taken away', async () => {
  const { service, folder, run, queue, left, branches, task } = await withRepository();
  const [worked, idle] = [
    task(`echo 1 > made; touch ${folder}/one; sleep 600`),
    task(`echo x > ${folder}/two; sleep 600`),
  ];
  await queue(worked, idle);
  const first = startRunnerProcess(service.url, join(folder, 'data'));
  await appears(join(folder, 'two'));
  await eventually(() => expect(existsSync(join(folder, 'one'))).toBe(true));
  await first.kill();
  expect(left()).toHaveLength(4);
  await run([]);
  await eventually(() => expect(left()).toEqual([`${worked.id}-1`, `${worked.id}-1.json`]));
  expect(branches()).toEqual([`andon/${worked.id}-1`]);
  await run([], { clock: () => Date.now() + 73 * 3_600_000 });
  await eventually(() => expect([left(), branches()]).toEqual([[], []]));
});

it('a git that outlives a killed runner is ended before its tree is taken away', async () => {
  const { service, folder, repo, run, left, trees, task, queue } = await withRepository({
    'a.txt': 'one\n',
    '.gitattributes': '*.txt filter=slow\n',
  });
  const pidFile = join(folder, 'filter');
  git(repo, 'config', 'filter.slow.smudge', `echo $$ > ${pidFile}; exec sleep 600`);
  await queue(task('true'));
  const first = startRunnerProcess(service.url, join(folder, 'data'));
  const pid = await appears(pidFile);
  await first.kill();
  expect(isRunning(pid)).toBe(true);
  await run([]);
  expect(isRunning(pid)).toBe(false);
  await eventually(() => expect([left(), trees()]).toEqual([[], 1]));
});

it('a folder that a killed runner was about to make is swept', async () => {
  const { run, folder, left } = await withRepository();
  const work = join(folder, 'data', 'work');
  for (const name of ['t9-1', 't9-2']) mkdirSync(join(work, name), { recursive: true });
  writeFileSync(join(work, 't9-1.json.otherboot.1.1.dead.tmp'), '{"task_id":"t9"');
  await run([]);
  await eventually(() => expect(left()).toEqual(['t9-2']));
});

it.each([
  ['a repository that is not there', { repo: '/nowhere/at/all' }, /\/nowhere\/at\/all is not a folder/],
  ['a base that is not there', { base_ref: 'no-such' }, /base_ref no-such is no commit/],
  ['a base that looks like an option', { base_ref: '--exec=touch x' }, /is no commit/],
])('%s spends an attempt, and says so in the log', async (_, changes, message) => {
  const { runOne, left, logOf, task } = await withRepository();
  const asked = task('true', changes);
  const { outcome, error_message } = await runOne(asked);
  expect(outcome).toMatchObject({ status: 'failed', error_class: 'nonzero_exit', cost_source: 'none' });
  expect(error_message).toMatch(message);
  expect(logOf(asked)).toMatch(message);
  expect(left()).toEqual([]);
});

it('a repository without a commit, and a base for what is no repository, say so', async () => {
  const { run, folder } = await bench();
  const [unborn, plain] = [join(folder, 'unborn'), join(folder, 'plain')];
  for (const path of [unborn, plain]) mkdirSync(path);
  git(unborn, 'init', '-q');
  const finishes = await run([
    shellTask('true', { repo: unborn }),
    shellTask('true', { repo: plain, base_ref: 'x' }),
  ]);
  expect(finishes.map(({ error_message }) => error_message)).toEqual([
    expect.stringContaining('it has no commit yet'),
    expect.stringContaining('is no git repository'),
  ]);
});

it('it begins from base_ref, in the folder of the repository that was named', async () => {
  const { runOne, repo, task } = await withRepository({ 'sub/a.txt': 'old\n' });
  git(repo, 'tag', 'before');
  writeFileSync(join(repo, 'sub', 'a.txt'), 'new\n');
  git(repo, '-c', 'user.name=S', '-c', 'user.email=s@s', 'commit', '-qam', 'New');
  const asked = task('cat a.txt; pwd; echo changed > a.txt', { repo: join(repo, 'sub'), base_ref: 'before' });
  const { log_tail, changes } = await runOne(asked, changing);
  expect(log_tail).toContain(`old\n`);
  expect(log_tail).toContain(`/${asked.id}-1/sub\n`);
  expect(changes).toMatchObject({ base: git(repo, 'rev-parse', 'before'), commits: 1 });
});

it('a bare repository, and the branch of an earlier store, are no hindrance', async () => {
  const { run, folder, repo } = await withRepository();
  const bare = join(folder, 'bare.git');
  git(repo, 'clone', '-q', '--bare', repo, bare);
  const asked = shellTask('echo 2 > a.txt', { repo: bare });
  git(bare, 'branch', `andon/${asked.id}-1`);
  const [finish] = await run([asked], changing);
  expect(finish).toMatchObject({ outcome: { status: 'completed' }, branch: `andon/${asked.id}-1.2` });
  expect(git(bare, 'show', `andon/${asked.id}-1.2:a.txt`)).toBe('2');
});

it('an agent that goes on elsewhere keeps its work on our branch', async () => {
  const { run, repo, task } = await withRepository();
  const elsewhere = task(`git checkout -qb feature; echo 2 > a.txt; ${commit('Two')}`);
  const detached = task(`git checkout -q --detach; echo 3 > a.txt; ${commit('Three')}`);
  const finishes = await run([elsewhere, detached], changing);
  expect(finishes.map(({ branch }) => branch)).toEqual(
    [elsewhere, detached].map(({ id }) => `andon/${id}-1`),
  );
  expect(git(repo, 'show', `andon/${elsewhere.id}-1:a.txt`)).toBe('2');
  expect(git(repo, 'show', `andon/${detached.id}-1:a.txt`)).toBe('3');
});

it('an agent that takes its tree or its .git away touches no other repository', async () => {
  const { run, folder, repo, task } = await withRepository();
  // The data folder lies in a repository itself, as `./data` does.
  git(folder, 'init', '-q');
  const finishes = await run([task('rm -rf "$PWD"'), task('rm .git; echo 2 > a.txt')], changing);
  expect(finishes[0]).toMatchObject({ outcome: { error_class: 'nonzero_exit' } });
  expect(finishes[0]?.error_message).toContain('taken away');
  expect(finishes[1]).toMatchObject({ outcome: { status: 'completed' }, changes: { files_changed: 1 } });
  expect(git(folder, 'status', '--porcelain', '--untracked-files=no')).toBe('');
  expect(git(repo, 'worktree', 'list').split('\n')).toHaveLength(1);
});

it('a lock that a killed agent left behind does not lose its work', async () => {
  const { runOne, repo, task } = await withRepository();
  const { branch } = await runOne(
    task('echo 2 > a.txt; touch "$(git rev-parse --git-dir)/index.lock"'),
    changing,
  );
  expect(git(repo, 'show', `${branch}:a.txt`)).toBe('2');
});

it('verify sees what the agent committed; what verify makes is not the agent’s', async () => {
  const { run, repo, left, task } = await withRepository();
  const good = task('echo 2 > a.txt', { verify: ['test "$(git show HEAD:a.txt)" = 2; echo x > artefact'] });
  const bad = task('echo 3 > a.txt', { verify: ['echo wrong; exit 1'] });
  const [passed, failed] = await run([good, bad], changing);
  expect(passed).toMatchObject({ outcome: { status: 'completed' }, changes: { files_changed: 1 } });
  expect(failed).toMatchObject({ outcome: { error_class: 'verify_failed' }, changes: { files_changed: 1 } });
  expect(git(repo, 'show', `${failed?.branch}:a.txt`)).toBe('3');
  expect(left()).toEqual([`${bad.id}-1`, `${bad.id}-1.json`]);
});

it('variables that name another repository do not reach git', async () => {
  const elsewhere = { GIT_DIR: '/nowhere/.git', GIT_WORK_TREE: '/nowhere', GIT_INDEX_FILE: '/nowhere/index' };
  const { runOne, repo, task } = await withRepository(undefined, elsewhere);
  const { outcome, branch } = await runOne(task(`echo 2 > a.txt; ${commit('Two')}`), changing);
  expect(outcome.status).toBe('completed');
  expect(git(repo, 'show', `${branch}:a.txt`)).toBe('2');
});

it('what a failed task without a repository left is swept too; what a completed one made stays', async () => {
  const { run, left } = await bench().then((made) => ({
    ...made,
    left: () => readdirSync(join(made.folder, 'data', 'work')).sort(),
  }));
  const [failed, completed] = [shellTask('echo 1 > a; exit 1'), shellTask('echo 1 > a')];
  await run([failed, completed]);
  expect(left()).toEqual([`${failed.id}-1`, `${failed.id}-1.json`, `${completed.id}-1`].sort());
  await run([], { clock: () => Date.now() + 73 * 3_600_000 });
  await eventually(() => expect(left()).toEqual([`${completed.id}-1`]));
});
