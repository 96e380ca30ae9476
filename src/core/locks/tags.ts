/**
 * Which wheels fit an environment, and which fits best: the tags of CPython on Linux with glibc, in the order of `packaging.tags`.
 * https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
 */
import { parseVersion } from '../project/specifiers.js';
import { parseWheelName } from '../wheels/wheel-name.js';
import type { LockEnvironment } from './locked.js';

/** PEP 599, 571 and 513: what manylinux was called before PEP 600. */
const FORMER_NAMES: Readonly<Record<number, string>> = { 17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1' };
/** Oldest glibc 2.x of a policy: PEP 600 begins where manylinux1 did on x86, manylinux2014 elsewhere. */
const OLDEST_ON_X86 = 5;
const OLDEST_ELSEWHERE = 17;
const OLDEST_ABI3_MINOR = 2;

/** The tags, best first: the rank of a wheel is the place of its best tag. */
export function compatibleTags(environment: LockEnvironment): readonly string[] {
  const minor = minorOf(environment);
  const platforms = platformTags(environment);
  const python = `cp3${minor}`;
  const tags: string[] = [];
  const add = (interpreter: string, abi: string): void => {
    for (const platform of platforms) tags.push(`${interpreter}-${abi}-${platform}`);
  };
  add(python, python);
  add(python, 'abi3');
  add(python, 'none');
  for (let older = minor - 1; older >= OLDEST_ABI3_MINOR; older--) add(`cp3${older}`, 'abi3');
  const generic = [`py3${minor}`, 'py3', ...Array.from({ length: minor }, (_, i) => `py3${minor - 1 - i}`)];
  for (const interpreter of generic) add(interpreter, 'none');
  for (const interpreter of [python, ...generic]) tags.push(`${interpreter}-none-any`);
  return tags;
}

/** `3.13.5` → 13. */
function minorOf({ python }: LockEnvironment): number {
  return parseVersion(python)?.release[1] ?? 0;
}

function platformTags({ machine, glibc }: LockEnvironment): readonly string[] {
  const newest = parseVersion(glibc)?.release[1] ?? 0;
  const oldest = machine === 'x86_64' || machine === 'i686' ? OLDEST_ON_X86 : OLDEST_ELSEWHERE;
  const tags: string[] = [];
  for (let version = newest; version >= oldest; version--) {
    tags.push(`manylinux_2_${version}_${machine}`);
    const former = FORMER_NAMES[version];
    if (former !== undefined) tags.push(`${former}_${machine}`);
  }
  return [...tags, `linux_${machine}`];
}

/** Ranks the names of wheel files; made once an environment, since it has a thousand tags. */
export class WheelRanking {
  private readonly ranks: ReadonlyMap<string, number>;

  constructor(environment: LockEnvironment) {
    this.ranks = new Map(compatibleTags(environment).map((tag, i) => [tag, i]));
  }

  /** Less is better; undefined for a wheel that does not fit, and for what is no wheel's name. */
  rank(file: string): number | undefined {
    const ranks = (parseWheelName(file)?.tags ?? []).flatMap((tag) => this.ranks.get(tag) ?? []);
    return ranks.length === 0 ? undefined : Math.min(...ranks);
  }

  /** Those that fit, best first; of equal tags the one with the higher build number. */
  fitting<T>(wheels: readonly T[], fileOf: (wheel: T) => string): readonly T[] {
    return wheels
      .flatMap((wheel) => {
        const file = fileOf(wheel);
        const rank = this.rank(file);
        return rank === undefined ? [] : [{ wheel, rank, build: Number.parseInt(parseWheelName(file)?.build ?? '-1', 10), file }];
      })
      .sort((a, b) => a.rank - b.rank || b.build - a.build || (a.file < b.file ? -1 : 1))
      .map(({ wheel }) => wheel);
  }
}

/** Whether a wheel is for a Python, whatever it says of the system. @param python `3.13` */
export function fitsPython(file: string, python: string): boolean {
  // Of any platform: the first two parts of a tag do not depend on it.
  const heads = new Set(compatibleTags({ python, machine: 'x86_64', glibc: '2.17' }).map(headOf));
  return (parseWheelName(file)?.tags ?? []).some((tag) => heads.has(headOf(tag)));
}

const headOf = (tag: string): string => tag.split('-').slice(0, 2).join('-');

/** Why wheels do not fit: their Python, or their system. */
export function misfitOf(files: readonly string[], environment: LockEnvironment): 'python' | 'platform' {
  const platforms = new Set(['any', ...platformTags(environment)]);
  const fitsPlatform = files.some((file) => (parseWheelName(file)?.tags ?? []).some((tag) => platforms.has(tag.split('-')[2] ?? '')));
  return fitsPlatform ? 'python' : 'platform';
}
