/** Whether a wheel is for the base image, and whether it is what the project's lock names. Pure. */
import type { LockEnvironment, LockedPackage } from '../locks/locked.js';
import { fitsPython, misfitOf, type WheelRanking } from '../locks/tags.js';
import { normalizeName } from '../project/names.js';
import { compareVersions, parseVersion } from '../project/specifiers.js';
import type { LockedWheel } from './lock.js';
import type { PlatformMisfit, WheelWarning } from './wheel-documents.js';
import { parseWheelName } from './wheel-name.js';

/** What wheels are held against; made once for all of them. */
export interface Measure {
  /** `3.13` */
  readonly python: string | undefined;
  /** undefined: the base image is not known, and its platform is not judged. */
  readonly environment: LockEnvironment | undefined;
  /** undefined: there is no lock of the project, or none that can be read. */
  readonly lock: { readonly file: string; readonly packages: ReadonlyMap<string, LockedPackage> } | undefined;
}

/** @param ranking of the environment, which has a thousand tags */
export function judgeFit(file: string, { python, environment }: Measure, ranking: WheelRanking | undefined): readonly WheelWarning[] {
  if (!parseWheelName(file)) return [];
  if (!environment || !ranking) return python === undefined || fitsPython(file, python) ? [] : [{ kind: 'python', python }];
  if (ranking.rank(file) !== undefined) return [];
  if (misfitOf([file], environment) === 'python') return [{ kind: 'python', python: environment.python }];
  return [{ kind: 'platform', misfit: misfitOfPlatform(file, environment) }];
}

/** Of a wheel that does not fit: the nearest of its platforms tells why. */
function misfitOfPlatform(file: string, { machine, glibc }: LockEnvironment): PlatformMisfit {
  const platforms = (parseWheelName(file)?.tags ?? []).map((tag) => tag.split('-')[2] ?? '');
  const ofMachine = platforms.filter((platform) => platform.endsWith(`_${machine}`));
  const newest = ofMachine.flatMap((platform) => /^manylinux_(\d+_\d+)_/.exec(platform)?.[1]?.replace('_', '.') ?? []);
  if (newest[0] !== undefined) return { of: 'glibc', wheel: newest[0], base: glibc };
  if (ofMachine.some((platform) => platform.startsWith('musllinux'))) return { of: 'libc', wheel: 'musl', base: glibc };
  const [platform = ''] = platforms;
  const other = /^(?:manylinux_\d+_\d+|manylinux\d+|musllinux_\d+_\d+|linux)_(.+)$/.exec(platform)?.[1];
  return other === undefined ? { of: 'system', wheel: platform, base: 'linux' } : { of: 'machine', wheel: other, base: machine };
}

/** A dependency, against the project's own lock. */
export function judgeLocked(wheel: LockedWheel, { lock }: Measure): readonly WheelWarning[] {
  if (!lock || wheel.role !== 'dependency') return [];
  const named = lock.packages.get(normalizeName(wheel.name));
  if (!named) return [{ kind: 'not-in-lock', lock: lock.file }];
  if (named.version !== undefined && !isSame(named.version, wheel.version)) return [{ kind: 'other-version', lock: lock.file, version: named.version }];
  const known = hashesOf(named);
  // What was built from a folder or a repository has no hash there.
  if (known === undefined || !wheel.origin) return [];
  return known.has(wheel.origin.sha256) || known.has(wheel.sha256) ? [] : [{ kind: 'other-hash', lock: lock.file }];
}

function hashesOf(named: LockedPackage): ReadonlySet<string> | undefined {
  switch (named.kind) {
    case 'files':
      return new Set(named.files.map(({ sha256 }) => sha256));
    case 'hashes':
      return new Set(named.sha256);
    case 'vcs':
    case 'directory':
      return undefined;
    default:
      return named satisfies never;
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left && right ? compareVersions(left, right) === 0 : a === b;
}
