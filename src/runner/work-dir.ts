import type { WorkChanges } from '../domain/attempt.ts';

/** What an attempt left in its work tree. */
export interface CollectedWork {
  changes: WorkChanges;
  /** The branch that its commits are on; absent if it made none. */
  branch?: string;
}

/** Where an attempt works. */
export interface WorkDir {
  readonly path: string;
  /** Whether it is the attempt's own, so that files of ours may be put into it. */
  readonly own: boolean;
  /** For the environment of what works in it. */
  readonly env: Readonly<Record<string, string>>;
  /** Keeps these files, paths within `path` or from the repository's root, out of what counts as the attempt's work. */
  exclude(paths: readonly string[], from?: 'path' | 'root'): Promise<void>;
  /**
   * What the attempt changed; undefined where that cannot be told. With `message`, what it left uncommitted is
   * committed first.
   */
  collect(options: { message?: string }): Promise<CollectedWork | undefined>;
  /** Takes away what is not worth keeping. */
  release(options: { failed: boolean }): Promise<void>;
}

/** A folder that is worked in as it is: nothing is put into it, and nothing taken away. */
export function plainFolder(path: string): WorkDir {
  return {
    path,
    own: false,
    env: {},
    exclude: async () => {},
    collect: async () => undefined,
    release: async () => {},
  };
}
