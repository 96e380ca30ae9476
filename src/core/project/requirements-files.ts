/** Requirements files of a project that has no metadata: which there are, and what they ask for. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRequirement } from './metadata.js';

/** Of the files that people keep, the one that a release is made from. */
const WANTED = [
  'requirements.txt',
  'requirements/production.txt',
  'requirements/prod.txt',
  'requirements-production.txt',
  'requirements-prod.txt',
  'requirements_prod.txt',
  'requirements/requirements.txt',
  'requirements/base.txt',
  'requirements/main.txt',
  'requirements/common.txt',
  'requirements-base.txt',
] as const;

/** Relative; undefined where there is none. */
export async function findRequirementsFile(root: string, names: ReadonlySet<string>): Promise<string | undefined> {
  const nested = names.has('requirements') ? await readdir(path.join(root, 'requirements')).catch(() => []) : [];
  const there = new Set([...names, ...nested.map((name) => `requirements/${name}`)]);
  return WANTED.find((file) => there.has(file));
}

/**
 * PEP 508 lines of a file and of those that it takes in with `-r`. Hashes, options and the project's own folder (`-e .`) are left out.
 * https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export async function readRequirements(root: string, file: string): Promise<readonly string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const pending = [file];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const name = path.posix.normalize(next);
    if (seen.has(name) || name.startsWith('../')) continue;
    seen.add(name);
    const text = await readFile(path.join(root, name), 'utf8').catch(() => '');
    for (const line of text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)) {
      const bare = line.replace(/(?:^|\s)#.*$/, '').trim();
      const included = /^(?:-r|--requirement)[\s=]*(\S+)$/.exec(bare)?.[1];
      if (included !== undefined) pending.push(path.posix.join(path.posix.dirname(name), included));
      else if (bare !== '' && !bare.startsWith('-')) {
        const requirement = bare.replace(/\s--\w.*$/, '').trim();
        if (isRequirement(requirement)) found.push(requirement);
      }
    }
  }
  return [...new Set(found)];
}
