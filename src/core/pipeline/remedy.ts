/** The next step of a failed run as data: told with the error, and kept until a run succeeds, so that `pypackage fix` can take it. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import type { Remedy, SystemPackagesRemedy } from '../errors.js';

/** What is to be done, in words and as data. */
export function remedyOf(
  use: SystemPackagesRemedy['use'],
  debian: string | undefined,
  otherwise: string,
): { readonly fix: string; readonly remedy?: SystemPackagesRemedy } {
  if (debian === undefined) return { fix: otherwise };
  return { fix: `pypackage fix adds ${debian} to pypackage.json; then run again`, remedy: { kind: 'system-packages', use, packages: [debian] } };
}

const kept = z.object({ kind: z.literal('system-packages'), use: z.enum(['build', 'run']), packages: z.array(z.string()) });

/** undefined: nothing is left to fix. What cannot be kept is told with the error all the same. */
export async function keepRemedy(file: string, remedy: Remedy | undefined): Promise<void> {
  try {
    if (remedy?.kind !== 'system-packages') return await rm(file, { force: true });
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(remedy));
    await rename(`${file}.new`, file);
  } catch {
    // a cache folder that cannot be written
  }
}

export async function readRemedy(file: string): Promise<SystemPackagesRemedy | undefined> {
  try {
    const parsed = z.safeParse(kept, JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
