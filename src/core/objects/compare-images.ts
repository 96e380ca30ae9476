/** What is other in one image than in another: packages and size. */
import type { Engine } from '../engine/engine.js';
import { compareVersions, parseVersion } from '../project/specifiers.js';
import { imagePackages, type InstalledPackage } from './image-contents.js';
import { chosenImage } from './own-image.js';

export interface PackageChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly kind: 'upgraded' | 'downgraded' | 'other';
}

export interface PackageDifferences {
  readonly added: readonly InstalledPackage[];
  readonly removed: readonly InstalledPackage[];
  readonly changed: readonly PackageChange[];
  readonly same: number;
}

interface Compared {
  readonly id: string;
  readonly tags: readonly string[];
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

export interface ImageComparison extends PackageDifferences {
  readonly before: Compared;
  readonly after: Compared;
}

export async function compareImages(engine: Engine, before: string, after: string, signal: AbortSignal): Promise<ImageComparison> {
  const look = async (image: string): Promise<readonly [Compared, readonly InstalledPackage[]]> => {
    const [{ id, tags, size, created }, packages] = await Promise.all([chosenImage(engine, { image }, signal), imagePackages(engine, { image }, signal)]);
    return [{ id, tags, size, created }, packages];
  };
  const [[old, oldPackages], [now, nowPackages]] = await Promise.all([look(before), look(after)]);
  return { before: old, after: now, ...comparePackages(oldPackages, nowPackages) };
}

/** Both by name. Pure. */
export function comparePackages(before: readonly InstalledPackage[], after: readonly InstalledPackage[]): PackageDifferences {
  const old = new Map(before.map((one) => [one.name, one]));
  const now = new Map(after.map((one) => [one.name, one]));
  const both = after.flatMap((one) => {
    const other = old.get(one.name);
    return other ? [{ name: one.name, before: other.version, after: one.version }] : [];
  });
  const changed = both.filter((pair) => pair.before !== pair.after).map((pair) => ({ ...pair, kind: directionOf(pair.before, pair.after) }));
  return {
    added: after.filter(({ name }) => !old.has(name)),
    removed: before.filter(({ name }) => !now.has(name)),
    changed,
    same: both.length - changed.length,
  };
}

function directionOf(before: string, after: string): PackageChange['kind'] {
  const [from, to] = [parseVersion(before), parseVersion(after)];
  const order = from && to ? compareVersions(from, to) : 0;
  return order < 0 ? 'upgraded' : order > 0 ? 'downgraded' : 'other';
}
