/** What is never a source of a wheel. Anything that a build could want stays, ignored by Git or not: built front ends, .mo files, generated code. */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** At any depth. `.git` may be a file: of a worktree or a submodule. */
const NAMES: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  '__pycache__',
  '.tox',
  '.nox',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.hypothesis',
  '.coverage',
  'node_modules',
  '.vscode',
  '.idea',
  '.DS_Store',
]);

/** Bytecode, swap files of vim and lock links of Emacs. */
const PATTERN = /(?:\.py[co]|\.sw[po]|^\.#.*)$/;

/** @param keep paths that the metadata takes into the wheel, whatever they are called */
export function isExcluded(root: string, relative: string, name: string, keep: readonly string[] = []): boolean {
  if (NAMES.has(name) || PATTERN.test(name)) return true;
  switch (relative) {
    // Output of build backends, unless somebody named a package like that.
    case 'build':
    case 'dist':
      return !existsSync(path.join(root, relative, '__init__.py')) && !keep.some((kept) => kept === relative || kept.startsWith(`${relative}/`));
    case 'target/pypackage':
      return true;
    default:
      return name.endsWith('.egg-info') && (relative === name || relative === `src/${name}`);
  }
}

/** Every virtual environment has this file (PEP 405), whatever its folder is called. */
export function isVirtualEnvironment(folder: string): boolean {
  return existsSync(path.join(folder, 'pyvenv.cfg'));
}

/** The same for Git, as far as it can be said without looking at the folder. */
export function excludedGlobs(): readonly string[] {
  return [
    ...[...NAMES].flatMap((name) => [`**/${name}`, `**/${name}/**`]),
    '**/*.py[co]',
    '**/*.sw[po]',
    '**/.#*',
    'target/pypackage/**',
    '*.egg-info/**',
    'src/*.egg-info/**',
  ];
}
