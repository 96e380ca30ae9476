/** Versions and version specifiers as PEP 440 defines them: https://packaging.python.org/en/latest/specifications/version-specifiers/ */

export interface Version {
  readonly epoch: number;
  readonly release: readonly number[];
  readonly pre: readonly ['a' | 'b' | 'rc', number] | undefined;
  readonly post: number | undefined;
  readonly dev: number | undefined;
  readonly local: readonly (string | number)[];
}

const OPERATORS = ['~=', '==', '!=', '<=', '>=', '<', '>', '==='] as const;
type Operator = (typeof OPERATORS)[number];

export interface Specifier {
  readonly operator: Operator;
  /** As written, without the trailing `.*`. */
  readonly text: string;
  /** undefined only for `===` with something that is no version. */
  readonly version: Version | undefined;
  /** `==3.11.*` */
  readonly prefix: boolean;
}

const VERSION =
  /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preN>\d+)?)?(?:-(?<postImplicit>\d+)|(?<post>[-_.]?(?:post|rev|r)[-_.]?(?<postN>\d+)?))?(?<dev>[-_.]?dev[-_.]?(?<devN>\d+)?)?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;

/** undefined when the text is no version. */
export function parseVersion(text: string): Version | undefined {
  const groups = VERSION.exec(text.trim())?.groups;
  if (!groups) return undefined;
  const pre = groups['pre'];
  return {
    epoch: Number(groups['epoch'] ?? 0),
    release: (groups['release'] ?? '').split('.').map(Number),
    pre: pre === undefined ? undefined : [preLetter(pre), Number(groups['preN'] ?? 0)],
    post: groups['postImplicit'] !== undefined ? Number(groups['postImplicit']) : groups['post'] !== undefined ? Number(groups['postN'] ?? 0) : undefined,
    dev: groups['dev'] !== undefined ? Number(groups['devN'] ?? 0) : undefined,
    local: (groups['local'] ?? '')
      .split(/[-_.]/)
      .filter((part) => part !== '')
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part.toLowerCase())),
  };
}

function preLetter(written: string): 'a' | 'b' | 'rc' {
  const lower = written.toLowerCase();
  if (lower === 'a' || lower === 'alpha') return 'a';
  return lower === 'b' || lower === 'beta' ? 'b' : 'rc';
}

/** Negative when `a` is older. Local versions count only with `withLocal`, as PEP 440 wants for `<=`, `>=` and `~=`. */
export function compareVersions(a: Version, b: Version, withLocal = true): number {
  return (
    a.epoch - b.epoch || compareReleases(a.release, b.release) || compareKeys(suffixKey(a), suffixKey(b)) || (withLocal ? compareLocals(a.local, b.local) : 0)
  );
}

function compareReleases(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Orders `1.dev0 < 1a1.dev0 < 1a1 < 1 < 1.post0.dev0 < 1.post0`. */
function suffixKey(version: Version): readonly number[] {
  const { pre, post, dev } = version;
  const onlyDev = pre === undefined && post === undefined && dev !== undefined;
  const phase = pre === undefined ? (onlyDev ? -1 : 3) : { a: 0, b: 1, rc: 2 }[pre[0]];
  return [phase, pre?.[1] ?? 0, post ?? -1, dev ?? Infinity];
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i] ?? 0;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function compareLocals(a: Version['local'], b: Version['local']): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const left = a[i];
    const right = b[i];
    if (left === right) continue;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    // Numbers are newer than words.
    if (typeof left === 'number') return typeof right === 'number' ? left - right : 1;
    if (typeof right === 'number') return -1;
    return left < right ? -1 : 1;
  }
  return 0;
}

const SPECIFIER = /^(~=|===|==|!=|<=|>=|<|>)\s*(.+?)(\.\*)?$/;

/** undefined when the text is no list of specifiers. An empty text is a list of none: everything matches. */
export function parseSpecifiers(text: string): readonly Specifier[] | undefined {
  const specifiers: Specifier[] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const specifier = parseSpecifier(part.trim());
    if (!specifier) return undefined;
    specifiers.push(specifier);
  }
  return specifiers;
}

function parseSpecifier(text: string): Specifier | undefined {
  const match = SPECIFIER.exec(text);
  const operator = operatorOf(match?.[1]);
  const written = match?.[2];
  if (!operator || written === undefined) return undefined;
  const prefix = match?.[3] !== undefined;
  if (operator === '===') return { operator, text: written + (match?.[3] ?? ''), version: undefined, prefix: false };
  const version = parseVersion(written);
  if (!version) return undefined;
  const equality = operator === '==' || operator === '!=';
  if (prefix && (!equality || version.dev !== undefined || version.local.length > 0)) return undefined;
  if (version.local.length > 0 && !equality) return undefined;
  if (operator === '~=' && version.release.length < 2) return undefined;
  return { operator, text: written, version, prefix };
}

function operatorOf(text: string | undefined): Operator | undefined {
  return OPERATORS.find((operator) => operator === text);
}

export function satisfies(version: Version, specifiers: readonly Specifier[], written = formatVersion(version)): boolean {
  return specifiers.every((specifier) => matches(version, specifier, written));
}

function matches(version: Version, specifier: Specifier, written: string): boolean {
  const wanted = specifier.version;
  if (!wanted) return written.toLowerCase() === specifier.text.toLowerCase();
  switch (specifier.operator) {
    case '===':
      return written.toLowerCase() === specifier.text.toLowerCase();
    case '==':
      return isEqual(version, wanted, specifier.prefix);
    case '!=':
      return !isEqual(version, wanted, specifier.prefix);
    case '<=':
      return compareVersions(version, wanted, false) <= 0;
    case '>=':
      return compareVersions(version, wanted, false) >= 0;
    case '<':
      // `<3.13` does not let 3.13rc1 in, unless the bound is a pre-release itself.
      return compareVersions(version, wanted, false) < 0 && !(isPre(version) && !isPre(wanted) && sameRelease(version, wanted));
    case '>':
      // `>1.7` lets neither 1.7.post1 nor 1.7+local in.
      return compareVersions(version, wanted, false) > 0 && !(version.post !== undefined && wanted.post === undefined && sameRelease(version, wanted));
    case '~=':
      return (
        compareVersions(version, wanted, false) >= 0 && hasPrefix(version, { ...wanted, release: wanted.release.slice(0, -1), pre: undefined, post: undefined })
      );
  }
}

function isEqual(version: Version, wanted: Version, prefix: boolean): boolean {
  if (prefix) return hasPrefix(version, wanted);
  return compareVersions(version, wanted, wanted.local.length > 0) === 0;
}

function hasPrefix(version: Version, wanted: Version): boolean {
  if (version.epoch !== wanted.epoch) return false;
  if (!wanted.release.every((part, i) => (version.release[i] ?? 0) === part)) return false;
  if (wanted.pre === undefined && wanted.post === undefined) return true;
  if (!sameRelease(version, wanted) || version.pre?.[0] !== wanted.pre?.[0] || version.pre?.[1] !== wanted.pre?.[1]) return false;
  return wanted.post === undefined || version.post === wanted.post;
}

function isPre(version: Version): boolean {
  return version.pre !== undefined || version.dev !== undefined;
}

function sameRelease(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && compareReleases(a.release, b.release) === 0;
}

/** The normal form: `1.0RC1` is `1.0rc1`. */
export function formatVersion(version: Version): string {
  return [
    version.epoch > 0 ? `${version.epoch}!` : '',
    version.release.join('.'),
    version.pre ? version.pre.join('') : '',
    version.post === undefined ? '' : `.post${version.post}`,
    version.dev === undefined ? '' : `.dev${version.dev}`,
    version.local.length > 0 ? `+${version.local.join('.')}` : '',
  ].join('');
}
