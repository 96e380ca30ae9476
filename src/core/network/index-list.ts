/** Package indexes: which there are, who named them, and which one a package comes from. */
import { UserError } from '../errors.js';
import { normalizeName } from '../project/names.js';

export interface PackageIndex {
  /** What projects call it; undefined where it has no name. */
  readonly name: string | undefined;
  /** Of its simple API (PEP 503), without a login. */
  readonly url: string;
  /** Asked only for the packages that are pinned to it. */
  readonly isExplicit: boolean;
  /** Normalised names, or patterns such as `acme-*`: these come from it and from no other. */
  readonly packages: readonly string[];
  /** Who named it: `PIP_INDEX_URL`, `~/.config/pip/pip.conf`, `pyproject.toml`. */
  readonly source: string;
  /** Whether only the project named it. Nobody's login is given to it because of that. */
  readonly isOfProject: boolean;
  /** Where its login comes from; undefined where it has none. */
  readonly loginSource: string | undefined;
}

export const PYPI = 'https://pypi.org/simple';

/** Which indexes may be asked for a package. */
export interface IndexChoice {
  readonly indexes: readonly PackageIndex[];
  /** Whether the package is pinned to them: no other one is asked, not even when they do not have it. */
  readonly isPinned: boolean;
}

/** @param name of the package, in any form */
export function indexFor(name: string, indexes: readonly PackageIndex[]): IndexChoice {
  const wanted = normalizeName(name);
  const named = indexes.filter(({ packages }) => packages.includes(wanted));
  if (named.length > 0) return { indexes: named, isPinned: true };
  const matched = indexes.find(({ packages }) => packages.some((pattern) => matches(pattern, wanted)));
  if (matched) return { indexes: [matched], isPinned: true };
  return { indexes: indexes.filter(({ isExplicit }) => !isExplicit), isPinned: false };
}

function matches(pattern: string, name: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(name);
}

/** A name, or a pattern, in the form in which names are compared. */
export function packagePattern(text: string): string {
  return text.includes('*') ? text.toLowerCase().replace(/[-_.]+/g, '-') : normalizeName(text);
}

export function hasPins(indexes: readonly PackageIndex[]): boolean {
  return indexes.some(({ packages, isExplicit }) => isExplicit || packages.length > 0);
}

/** How people call it: by its name and its host. */
export function shownIndex({ name, url }: Pick<PackageIndex, 'name' | 'url'>): string {
  const host = URL.canParse(url) ? new URL(url).host : url;
  return name === undefined ? host : `${name} (${host})`;
}

/** @throws UserError where it is no address that pip can ask */
export function checkIndexUrl(url: string, source: string): void {
  if (/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return;
  throw new UserError({
    kind: 'project',
    code: 'index-url-invalid',
    message: `${source} names a package index at ${url}, which is no http or https address`,
    where: { file: source },
    fix: 'Name its simple API, such as https://pypi.org/simple',
  });
}
