import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../domain/errors.ts';
import { isLocked } from './git.ts';
import { readChanges } from './work-changes.ts';
import type { WorkContext } from './work-context.ts';
import type { CollectedWork } from './work-dir.ts';
import type { WorkRecord } from './work-record.ts';

type TreeRecord = WorkRecord & { tree: NonNullable<WorkRecord['tree']> };

export function hasTree(record: WorkRecord): record is TreeRecord {
  return record.tree !== undefined;
}

/**
 * One git work tree of ours. Every call names the repository: an agent that took `.git` away must not make us change
 * the one around it.
 */
export class WorkTree {
  readonly path: string;
  readonly #name: string;
  readonly #record: TreeRecord;
  readonly #context: WorkContext;

  constructor(name: string, record: TreeRecord, context: WorkContext) {
    this.#name = name;
    this.#record = record;
    this.#context = context;
    this.path = context.records.path(name);
  }

  /** Makes it, with its branch, and fills it. @throws AppError */
  async create(signal?: AbortSignal): Promise<void> {
    const { branch, base } = this.#record.tree;
    const add = ['worktree', 'add', '--quiet', '--no-track', '--no-checkout', '-b', branch, this.path, base];
    await this.#changeRepository(add, signal);
    const { records } = this.#context;
    const { tree } = this.#record;
    // `gitdir: PATH`: git has chosen another name than ours if that was taken.
    const gitDir = (await readFile(join(this.path, '.git'), 'utf8')).slice('gitdir: '.length).trim();
    if (gitDir !== tree.git_dir) {
      tree.git_dir = gitDir;
      await records.write(this.#name, this.#record);
    }
    // Outside of the lock: this is what takes time in a large repository.
    await this.#inTree(['reset', '--hard', '--quiet'], signal);
    tree.filled = true;
    await records.write(this.#name, this.#record);
  }

  /** Keeps files of ours, paths from the root, out of what is looked at and committed here. */
  async exclude(paths: readonly string[]): Promise<void> {
    this.#record.tree.excluded.push(...paths);
    await this.#context.records.write(this.#name, this.#record);
  }

  /** What it has over its base. With a message, what is not committed is committed first. @throws AppError */
  async collect(message?: string): Promise<CollectedWork> {
    if (!existsSync(this.path)) throw new AppError('invalid', 'the work tree has been taken away');
    // What held it has been ended.
    await rm(join(this.#record.tree.git_dir, 'index.lock'), { force: true });
    if (message !== undefined) await this.#commitAll(message);
    const branch = await this.#settleBranch();
    const changes = await readChanges((args) => this.#inTree(args), this.#record.tree.base);
    return { changes, branch: changes.commits > 0 ? branch : undefined };
  }

  /** Takes it away unless a failed attempt left something in it, which is kept for a time. */
  async release({ failed }: { failed: boolean }): Promise<void> {
    const { keepFailedMs, now, records } = this.#context;
    if (!failed || keepFailedMs === 0 || !(await this.#hasWork())) return this.remove();
    this.#record.keep_until = now() + keepFailedMs;
    await records.write(this.#name, this.#record);
  }

  /** Takes it away, and its branch too if no commit is on it. What cannot be taken away now is tried again later. */
  async remove(): Promise<void> {
    const { records, logger } = this.#context;
    const { branch, base, common_dir } = this.#record.tree;
    try {
      await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
      if (existsSync(common_dir)) {
        if (existsSync(this.#record.tree.git_dir)) {
          await this.#changeRepository(['worktree', 'remove', '--force', '--force', this.path]);
        }
        // Only if it still is where it began.
        const deletion = ['update-ref', '-d', `refs/heads/${branch}`, base];
        await this.#changeRepository(deletion).catch(() => {});
      }
      await records.remove(this.#name);
    } catch (error) {
      logger.warn(`work tree ${this.path} cannot be taken away, tried again later: ${messageOf(error)}`);
      await records.write(this.#name, { ...this.#record, keep_until: 0 });
    }
  }

  /** Whether there is anything that its base does not have. Not knowing counts as yes. */
  async #hasWork(): Promise<boolean> {
    if (!existsSync(this.path) || !this.#record.tree.filled) return false;
    try {
      const head = (await this.#inTree(['rev-parse', 'HEAD'])).trim();
      return head !== this.#record.tree.base || (await this.#status()) !== '';
    } catch (error) {
      this.#context.logger.warn(`work tree ${this.path} is kept: ${messageOf(error)}`);
      return true;
    }
  }

  #status(): Promise<string> {
    return this.#inTree(['status', '--porcelain', '-z', '--untracked-files=normal']);
  }

  async #commitAll(message: string): Promise<void> {
    const { excluded } = this.#record.tree;
    if (excluded.length > 0) {
      // An agent that commits everything has committed what is ours too.
      const untrack = ['rm', '-r', '--cached', '--force', '--quiet', '--ignore-unmatch'];
      await this.#inTree(
        ['--literal-pathspecs', ...untrack, '--pathspec-from-file=-', '--pathspec-file-nul'],
        undefined,
        excluded.join('\0'),
      );
    }
    if ((await this.#status()) === '') return;
    await this.#inTree(['add', '--all']);
    if ((await this.#inTree(['diff', '--cached', '--shortstat', 'HEAD'])) === '') return;
    const commit = ['commit', '--quiet', '--no-verify', '--cleanup=whitespace', '--file=-'];
    await this.#inTree([...(await this.#author()), ...commit], undefined, message);
  }

  /** The repository's own author, with a name of ours for what it lacks. */
  async #author(): Promise<string[]> {
    const known = (key: string) => this.#inTree(['config', '--get', key]).catch(() => '');
    const [name, email] = await Promise.all([known('user.name'), known('user.email')]);
    return [
      ...(name ? [] : ['-c', 'user.name=Andon']),
      ...(email ? [] : ['-c', 'user.email=andon@localhost']),
    ];
  }

  /** The branch that HEAD's commits are on: ours, brought up to them if the agent went on elsewhere. */
  async #settleBranch(): Promise<string> {
    const { branch, git_dir } = this.#record.tree;
    // As it is nearly always; git is asked about anything else.
    const head = await readFile(join(git_dir, 'HEAD'), 'utf8').catch(() => '');
    if (head.trim() === `ref: refs/heads/${branch}`) return branch;
    const ask = (...args: string[]) =>
      this.#inTree(args).then(
        (answer) => answer.trim(),
        () => undefined,
      );
    const current = await ask('symbolic-ref', '--quiet', '--short', 'HEAD');
    if (current === branch) return branch;
    const ours = await ask('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`);
    const grewFromOurs = !ours || (await ask('merge-base', '--is-ancestor', ours, 'HEAD')) !== undefined;
    const name = grewFromOurs ? branch : (current ?? `${branch}.detached`);
    if (name !== current) await this.#inTree(['update-ref', `refs/heads/${name}`, 'HEAD']);
    return name;
  }

  #inTree(args: string[], signal?: AbortSignal, input?: string): Promise<string> {
    const { git_dir, excluded } = this.#record.tree;
    const place = [`--git-dir=${git_dir}`, `--work-tree=${this.path}`];
    const exclude = this.#context.records.beside(this.#name, 'exclude');
    const hide = excluded.length > 0 ? ['-c', `core.excludesFile=${exclude}`] : [];
    return this.#context.git([...place, ...hide, ...args], { cwd: this.path, signal, input });
  }

  /** A change of what the repository's work trees share: one at a time, and again if another process makes one. */
  async #changeRepository(args: string[], signal?: AbortSignal): Promise<void> {
    const { common_dir } = this.#record.tree;
    const { git, locks } = this.#context;
    await locks.run(common_dir, async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await git([`--git-dir=${common_dir}`, ...args], { cwd: common_dir, signal });
        } catch (error) {
          if (tries >= lockTries || !isLocked(error)) throw error;
          await sleep(20 * 2 ** tries * (0.5 + Math.random()));
        }
      }
    });
  }
}

/** Some 40 seconds in all. */
const lockTries = 11;
