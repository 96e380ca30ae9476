/** Real folders for tests. */
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished } from 'vitest';
import { UserError } from '../../../src/core/errors.js';

/** A folder with these files, removed when the test ends. Names may hold folders. Others may look into it. */
export async function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}, name = 'project'): Promise<string> {
  const outer = await mkdtemp(path.join(await realpath(tmpdir()), 'pypackage-'));
  onTestFinished(() => rm(outer, { recursive: true, force: true }));
  await chmod(outer, 0o755);
  const folder = path.join(outer, name);
  await mkdir(folder);
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
}

/** The UserError that the work ends with. */
export async function userErrorOf(work: Promise<unknown>): Promise<UserError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  if (!(error instanceof UserError)) throw error;
  return error;
}

/** Bytes of buffers that are still in use. Without the collection before, it would tell how busy the machine is. */
export function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no garbage collector to call');
  collect();
  // The first leaves buffers to a thread of its own, which the second waits for.
  collect();
  return process.memoryUsage().arrayBuffers;
}

const NOBODY = 65_534;

/** Runs as a user without rights where the tests run as root: permissions do not bind root. */
export async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  const { seteuid, setegid } = process;
  if (process.geteuid?.() !== 0 || !seteuid || !setegid) return work();
  setegid.call(process, NOBODY);
  seteuid.call(process, NOBODY);
  try {
    return await work();
  } finally {
    seteuid.call(process, 0);
    setegid.call(process, 0);
  }
}
