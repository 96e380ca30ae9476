/** Locks that the real tools have made: see test/fixtures/locks/README.md. */
import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LockedPackage } from '../../../src/core/locks/locked.js';
import { makeFolder } from '../project/folder.js';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/locks');

export async function fixture(file: string): Promise<string> {
  return readFile(path.join(FOLDER, file), 'utf8');
}

/** A copy that a test may change. */
export async function copyOf(folder: string): Promise<string> {
  const copy = await makeFolder({}, path.basename(folder));
  await cp(path.join(FOLDER, folder), copy, { recursive: true });
  return copy;
}

/** `name==version`, as `uv export` lists them. */
export function pins(packages: readonly LockedPackage[]): readonly string[] {
  return packages.map(({ name, version }) => `${name}==${version ?? '?'}`);
}

export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
