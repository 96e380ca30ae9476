/** The wheels of a project's export, as they lie there: names, sizes and locks are compared, no content is read. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { WheelRanking } from '../locks/tags.js';
import { comparePaths } from '../project/sources.js';
import { readExportedLock } from './export.js';
import { judgeFit, judgeLocked, type Measure } from './judge-wheel.js';
import type { LockedWheel } from './lock.js';
import type { WheelEntry, WheelWarning } from './wheel-documents.js';
import { parseWheelName } from './wheel-name.js';

export interface ListedWheels {
  /** `3.13`; undefined: there is no lock of an export. */
  readonly python: string | undefined;
  /** The project's own lock that they were held against. */
  readonly lock: string | undefined;
  readonly wheels: readonly WheelEntry[];
}

/** @param lockOf the project's own lock for the environment that the wheels were made for */
export async function listWheels(
  folder: string,
  lockOf: (environment: NonNullable<Measure['environment']>) => Promise<Measure['lock']>,
): Promise<ListedWheels> {
  const [exported, found] = await Promise.all([readExportedLock(folder), wheelsIn(folder)]);
  const environment = exported?.environment;
  const measure: Measure = { python: exported?.python, environment, lock: environment && (await lockOf(environment)) };
  const ranking = environment && new WheelRanking(environment);
  const listed = (exported?.wheels ?? []).toSorted((a, b) => orderOf(a) - orderOf(b) || comparePaths(a.name, b.name));
  const named = new Set(listed.map((wheel) => wheel.path));
  const others = found.filter((file) => !named.has(file)).toSorted(comparePaths);
  const wheels = await Promise.all([
    ...listed.map((wheel) => lockedEntry(folder, wheel, [...judgeFit(wheel.file, measure, ranking), ...judgeLocked(wheel, measure)])),
    ...others.map((file) => otherEntry(folder, file, judgeFit(path.posix.basename(file), measure, ranking))),
  ]);
  return { python: exported?.python, lock: measure.lock?.file, wheels: wheels.filter((wheel) => wheel !== undefined) };
}

const orderOf = ({ role }: LockedWheel): number => (role === 'application' ? 0 : 1);

async function lockedEntry(folder: string, wheel: LockedWheel, judged: readonly WheelWarning[]): Promise<WheelEntry> {
  const { name, version, file, role, sha256 } = wheel;
  const place = path.join(folder, wheel.path);
  const found = await statOf(place);
  const state: readonly WheelWarning[] = !found ? [{ kind: 'missing' }] : found.size === wheel.size ? [] : [{ kind: 'other-size', locked: wheel.size }];
  return {
    name,
    version,
    file,
    path: place,
    role,
    tags: parseWheelName(file)?.tags ?? [],
    size: found?.size ?? wheel.size,
    ...(found && { modified: found.mtimeMs }),
    sha256,
    warnings: [...state, ...judged],
  };
}

/** undefined: it went meanwhile. */
async function otherEntry(folder: string, relative: string, judged: readonly WheelWarning[]): Promise<WheelEntry | undefined> {
  const place = path.join(folder, relative);
  const found = await statOf(place);
  if (!found) return undefined;
  const file = path.basename(place);
  const said = parseWheelName(file);
  return {
    name: said?.name ?? file,
    version: said?.version ?? '',
    file,
    path: place,
    role: 'none',
    tags: said?.tags ?? [],
    size: found.size,
    modified: found.mtimeMs,
    warnings: [{ kind: 'unlisted' }, ...judged],
  };
}

async function statOf(file: string): Promise<{ readonly size: number; readonly mtimeMs: number } | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? found : undefined;
}

/** Relative, with `/`: at the top of the folder, and in the folders of contents below. What is still incoming is hidden from it. */
async function wheelsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(async ({ name }) => (await readdir(path.join(folder, name)).catch(() => [])).map((file) => `${name}/${file}`)),
  );
  return [...entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name), ...below.flat()].filter((file) => file.endsWith('.whl'));
}
