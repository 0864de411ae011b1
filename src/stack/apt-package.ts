import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../domain/errors.ts';
import { type ProgramResult, runProgram } from './run-program.ts';

/** The programs that fetch and unpack. */
export interface PackageSource {
  aptGet: string;
  dpkg: string;
  env?: NodeJS.ProcessEnv;
}

export interface UnpackOptions {
  /** The Debian package. */
  name: string;
  /** Further packages, and with them all that any of them needs and this system lacks; none, if absent. */
  complete?: readonly string[];
  /** The folder that it is to be found in afterwards. */
  folder: string;
  source: PackageSource;
  /** Ends the download. */
  signal?: AbortSignal;
  /** Done to the unpacked files before anybody can find them. */
  prepare?(unpacked: string): Promise<void>;
}

export type UnpackResult = { ok: true } | { ok: false; reason: string };

/**
 * Downloads a Debian package and unpacks it into a folder, whole or not at all; changes nothing outside that
 * folder's parent. Of two processes that do so at once, the first to finish wins and both succeed.
 */
export async function unpackPackage(options: UnpackOptions): Promise<UnpackResult> {
  const { folder, prepare } = options;
  let work: string | undefined;
  try {
    await mkdir(dirname(folder), { recursive: true });
    work = await mkdtemp(`${folder}.unpacking-`);
    const problem = await downloadAndUnpack(work, options);
    if (problem) return { ok: false, reason: problem };
    const unpacked = join(work, 'unpacked');
    await prepare?.(unpacked);
    await moveInto(unpacked, folder);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  } finally {
    if (work) await rm(work, { recursive: true, force: true });
  }
}

async function downloadAndUnpack(work: string, options: UnpackOptions): Promise<string | undefined> {
  const { source } = options;
  const downloaded = await downloadPackage(work, options);
  const files = (await readdir(work, { recursive: true })).filter((entry) => entry.endsWith('.deb'));
  if (downloaded.code !== 0 || files.length === 0) return lastLine(downloaded);
  for (const file of files) {
    const unpacked = await runProgram(source.dpkg, ['-x', file, 'unpacked'], { cwd: work, env: source.env });
    if (unpacked.code !== 0) return lastLine(unpacked);
  }
  return undefined;
}

/** With the system's package lists; where they are missing or too old, with lists of its own. */
async function downloadPackage(
  work: string,
  { name, complete, source, signal }: UnpackOptions,
): Promise<ProgramResult> {
  const configuration = join(work, 'apt.conf');
  const apt = (...args: string[]) =>
    runProgram(source.aptGet, ['-q', '-c', configuration, ...args], {
      cwd: work,
      env: source.env,
      timeoutSeconds: complete ? 600 : 180,
      signal,
    });
  const download = () =>
    complete ? apt('install', '-y', '--download-only', name, ...complete) : apt('download', name);
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  await writeFile(configuration, aptConfiguration(work, { ownLists: false }));
  const first = await download();
  if (first.code === 0 || signal?.aborted) return first;
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await writeFile(configuration, aptConfiguration(work, { ownLists: true }));
  const update = await apt('update');
  if (update.code !== 0) return update;
  return download();
}

function aptConfiguration(folder: string, { ownLists }: { ownLists: boolean }): string {
  const lines = [
    'Acquire::Retries "1";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
    `Dir::Cache::archives "${folder}/cache/archives";`,
    'APT::Install-Recommends "false";',
    // Nothing of the system is changed: whoever holds its lock does not matter, nor who we are.
    'Debug::NoLocking "true";',
  ];
  // As root, apt would drop to a user that may not write into our folder, and warn.
  if (process.getuid?.() === 0) lines.push('APT::Sandbox::User "root";');
  if (ownLists) {
    lines.push(
      `Dir::State::lists "${folder}/lists";`,
      `Dir::Cache "${folder}/cache";`,
      // What the system does after an update of its own lists is not for these.
      '#clear APT::Update::Pre-Invoke;',
      '#clear APT::Update::Post-Invoke;',
      '#clear APT::Update::Post-Invoke-Success;',
    );
  }
  return `${lines.join('\n')}\n`;
}

async function moveInto(unpacked: string, folder: string): Promise<void> {
  try {
    await rename(unpacked, folder);
  } catch (error) {
    // Somebody else's is there already. It is whole, since it came by a rename too.
    if ((await readdir(folder).catch(() => [])).length === 0) throw error;
  }
}

function lastLine({ output }: ProgramResult): string {
  const lines = output.trim().split('\n').filter(Boolean);
  const telling = lines.findLast((line) => line.startsWith('E:')) ?? lines.at(-1);
  return telling?.replace(/[.\s]+$/, '') ?? 'it said nothing';
}
