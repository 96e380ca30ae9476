/** Files beside the metadata that say which Python a project wants: `.python-version` and locks. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { poetryBounds } from './pyproject.js';
import type { PythonBound } from './project.js';
import type { VersionFile } from './python.js';
import { parseSpecifiers } from './specifiers.js';

const VERSION_FILE = '.python-version';
const MAX_PARENTS = 20;

/** That of the folder, or of the nearest one above it in the same repository. */
export async function readVersionFile(root: string): Promise<VersionFile | undefined> {
  let found: VersionFile | undefined;
  let folder = root;
  for (let above = 0; above < MAX_PARENTS; above++) {
    const text = found ? undefined : await readText(path.join(folder, VERSION_FILE));
    if (text !== undefined) found = { file: `${'../'.repeat(above)}${VERSION_FILE}`, text };
    if (found && above === 0) return found;
    // A worktree and a submodule have a file of that name.
    const isRepository = await stat(path.join(folder, '.git')).then(
      () => true,
      () => false,
    );
    if (isRepository) return found;
    const parent = path.dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
  return undefined;
}

interface LockForm {
  readonly file: RegExp;
  /** The part of the text in front of this is looked at; all of it where there is none. */
  readonly before?: RegExp;
  readonly line: RegExp;
  readonly key: string;
}

/** Read as text: a lock has thousands of lines, and this is one of the first or the last. */
const LOCKS: readonly LockForm[] = [
  { file: /^(?:uv\.lock|pylock\.toml)$/, before: /^\[\[packages?\]\]/m, line: /^requires-python\s*=\s*["']([^"']*)["']/gm, key: 'requires-python' },
  { file: /^poetry\.lock$/, line: /^python-versions\s*=\s*["']([^"']*)["']\s*\n(?=content-hash)/gm, key: 'python-versions' },
  { file: /^pdm\.lock$/, before: /^\[\[package\]\]/m, line: /^requires_python\s*=\s*["']([^"']*)["']/gm, key: 'requires_python' },
];

/** What the locks of the folder were made for. */
export async function readLockBounds(root: string, names: Iterable<string>): Promise<readonly PythonBound[]> {
  const found = await Promise.all([...names].sort().map((name) => readLockBound(root, name)));
  return found.filter((bound) => bound !== undefined);
}

async function readLockBound(root: string, file: string): Promise<PythonBound | undefined> {
  const form = LOCKS.find((known) => known.file.test(file));
  const text = form && (await readText(path.join(root, file)));
  if (!form || text === undefined) return undefined;
  const end = form.before ? text.search(form.before) : -1;
  const head = end < 0 ? text : text.slice(0, end);
  const [match, ...others] = head.matchAll(form.line);
  const written = match?.[1];
  // One for several platforms or Pythons (pdm.lock) binds none of them alone.
  if (!match || written === undefined || others.length > 0) return undefined;
  const bound = form.key === 'python-versions' ? poetryBounds(written) : written;
  if (bound === undefined || !parseSpecifiers(bound)) return undefined;
  return { text: bound, says: `${form.key} ${written}`, place: { file, line: head.slice(0, match.index).split('\n').length } };
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
