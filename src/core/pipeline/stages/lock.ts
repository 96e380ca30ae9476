/** `pypackage lock`: resolves, prepares once what comes of it, and writes the lock to be committed. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { UserError, messageOf } from '../../errors.js';
import type { Place } from '../../errors.js';
import type { LockedDistribution, LockedPackage } from '../../locks/locked.js';
import { readPylock } from '../../locks/pylock.js';
import { wantedOf } from '../../locks/reading.js';
import { writePylock } from '../../locks/write-pylock.js';
import { normalizeName } from '../../project/names.js';
import { withoutCredentials } from '../../project/revision.js';
import { environmentOf } from '../dependency-sources.js';
import type { Facts } from '../facts.js';
import type { BaseImageFacts } from '../image-facts.js';
import type { Wanted } from '../wanted.js';
import type { StageContext } from './context.js';
import { prepareWheels } from './dependencies.js';

/** What is resolved anew: nothing that the lock has and the project still allows, all, or these names. */
export type Upgrade = 'all' | readonly string[] | undefined;

export interface LockRequest {
  readonly builder: string;
  readonly base: { readonly fingerprint: string; readonly facts: BaseImageFacts };
  readonly toolchain: string;
  readonly wanted: Wanted;
  /** Of what is resolved (`requirementsDigest`). */
  readonly digest: string;
  readonly upgrade: Upgrade;
  /** `name==version` of what is locked, or was resolved, so far. */
  readonly known: readonly string[];
}

export interface LockMade {
  readonly file: string;
  readonly count: number;
  readonly changed: boolean;
}

const PLACE: Place = { file: 'pylock.toml' };

const optional = <T extends z.ZodMiniType>(type: T): z.ZodMiniPipe<z.ZodMiniOptional<z.ZodMiniNullable<T>>, z.ZodMiniTransform<z.infer<T> | undefined>> =>
  z.pipe(
    z.nullish(type),
    z.transform((value) => value ?? undefined),
  );

const file = z.object({
  kind: z.enum(['wheel', 'sdist', 'archive']),
  file: z.string(),
  url: optional(z.string()),
  path: optional(z.string()),
  sha256: z.string(),
  size: optional(z.number()),
  subdirectory: optional(z.string()),
});
const files = z.object({ name: z.string(), version: optional(z.string()), kind: z.literal('files'), files: z.array(file) });
const item = z.discriminatedUnion('kind', [
  files,
  z.object({
    name: z.string(),
    version: optional(z.string()),
    kind: z.literal('vcs'),
    url: z.string(),
    commit: z.string(),
    subdirectory: optional(z.string()),
  }),
  z.object({ name: z.string(), version: optional(z.string()), kind: z.literal('directory'), path: z.string() }),
]);
const builds = z.array(z.object({ name: z.string(), packages: z.array(files) }));

export function lockFile(target: string): string {
  return `pylock.${target}.toml`;
}

/** @throws UserError where another tool's lock is the project's */
export function refuseForeignLock({ project, target }: Facts): void {
  const foreign = project.lockFiles.find((name) => /^(?:uv|poetry|pdm)\.lock$|^pylock\.toml$/.test(name));
  if (foreign === undefined || project.lockFiles.includes(lockFile(target))) return;
  const tool = foreign.split('.')[0] ?? '';
  throw new UserError({
    kind: 'project',
    code: 'lock-of-another-tool',
    message: `${foreign} is the lock of this project, and another tool writes it`,
    where: { file: foreign },
    why: 'Two locks would contradict each other sooner or later',
    fix: tool === 'pylock' ? 'Write it with the tool that made it, or remove it first' : `Change it with: ${tool} lock`,
  });
}

/** `name==version` of the target's own lock, stale or not; undefined where there is none that can be read. */
export async function readVersions({ project, target, extras, groups }: Facts, base: BaseImageFacts): Promise<readonly string[] | undefined> {
  const name = lockFile(target);
  const text = await readFile(join(project.root, name), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const packages = readPylock({ text, file: name, project: project.normalizedName }, wantedOf(environmentOf(base), extras, groups));
    return packages.flatMap((found) => (found.version === undefined || found.kind === 'directory' ? [] : [`${found.name}==${found.version}`]));
  } catch (error) {
    // Of another Python, or no lock at all: it is about to be replaced.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

export async function makeLock(context: StageContext, request: LockRequest): Promise<LockMade> {
  const { facts } = context;
  const { wanted, base, digest } = request;
  const folder = await prepared(context, request);
  const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));
  const withFiles = (found: z.infer<typeof files>): LockedDistribution => ({
    ...found,
    place: PLACE,
    index: undefined,
    files: found.files.map((each) => ({
      ...each,
      url: each.url === undefined ? undefined : withoutCredentials(each.url),
      path: wanted.files.find(({ sha256 }) => sha256 === each.sha256)?.path,
    })),
  });
  const packages = z
    .array(item)
    .parse(await read('packages.json'))
    .map((found): LockedPackage => {
      switch (found.kind) {
        case 'files':
          return withFiles(found);
        case 'vcs':
          return { ...found, place: PLACE, system: 'git', url: withoutCredentials(found.url) };
        case 'directory':
          return { ...found, place: PLACE, path: wanted.folders.find(({ name }) => name === found.name)?.path ?? found.path };
      }
    });
  const text = writePylock({
    target: facts.target,
    environment: environmentOf(base.facts),
    extras: facts.extras,
    groups: facts.groups,
    digest,
    packages,
    builds: builds.parse(await read('builds.json')).map((build) => ({ name: build.name, packages: build.packages.map(withFiles) })),
  });
  const name = lockFile(facts.target);
  const path = join(facts.project.root, name);
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before !== text) await write(path, name, text);
  context.emit({ type: 'artifact', stage: 'wheels', kind: 'lock', name: path });
  return { file: name, count: packages.length, changed: before !== text };
}

/** What is known is kept; where the rest allows it no more, everything is free, and that is said. */
async function prepared(context: StageContext, { builder, base, toolchain, wanted, upgrade, known }: LockRequest): Promise<string> {
  const { facts } = context;
  const names = new Set(typeof upgrade === 'object' ? upgrade.map((name) => normalizeName(name)) : []);
  for (const name of names) {
    if (known.some((pinned) => pinned.startsWith(`${name}==`)) || wanted.requirements.some((text) => normalizeName(text).startsWith(name))) continue;
    throw new UserError({
      kind: 'project',
      code: 'lock-unknown-package',
      message: `${name} is not among the dependencies, so it cannot be upgraded`,
      fix: known.length === 0 ? 'Write the lock first: pypackage lock' : `The lock has ${known.map((pinned) => pinned.split('==')[0]).join(', ')}`,
    });
  }
  // What comes from a folder or a file is of the version that is there.
  const free = new Set([...names, ...wanted.folders.map(({ name }) => name), ...wanted.files.map(({ name }) => name)]);
  const kept = upgrade === 'all' ? [] : known.filter((pinned) => !free.has(pinned.split('==')[0] ?? ''));
  const job = { builder, base: base.fingerprint, toolchain };
  const application = facts.project.site ? undefined : { name: facts.project.normalizedName, tree: facts.sources };
  if (kept.length === 0) return prepareWheels(context, { ...job, wanted }, application);
  try {
    return await prepareWheels(context, { ...job, wanted: { ...wanted, constraints: [...wanted.constraints, ...kept] } }, application);
  } catch (error) {
    const isConflict = error instanceof UserError && (error.code === 'dependencies-conflict' || error.code === 'dependency-missing');
    if (!isConflict) throw error;
    const text = `what is locked cannot all stay: ${error.message}; everything is resolved anew`;
    context.emit({ type: 'log', stage: 'wheels', stream: 'note', text });
    return prepareWheels(context, { ...job, wanted }, application);
  }
}

async function write(path: string, name: string, text: string): Promise<void> {
  try {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  } catch (cause) {
    throw new UserError({
      kind: 'project',
      code: 'lock-not-written',
      message: `${name} cannot be written`,
      where: { file: name },
      why: messageOf(cause),
      fix: 'Give this user the right to write into the folder of the project',
      cause,
    });
  }
}
