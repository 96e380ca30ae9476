/** `pypackage lock`: resolves, prepares once what comes of it, and writes the lock to be committed. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { UserError, messageOf } from '../../errors.js';
import { writePylock } from '../../locks/write-pylock.js';
import { normalizeName } from '../../project/names.js';
import { withoutCredentials } from '../../project/revision.js';
import type { BaseImageFacts } from '../image-facts.js';
import { shortPython } from '../plan.js';
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
  readonly upgrade: Upgrade;
  /** `name==version` of what is locked, or was resolved, so far. */
  readonly known: readonly string[];
}

export interface LockMade {
  readonly file: string;
  readonly count: number;
  readonly changed: boolean;
}

const file = z.pipe(
  z.object({
    kind: z.enum(['wheel', 'sdist', 'archive']),
    file: z.string(),
    url: z.nullish(z.string()),
    path: z.nullish(z.string()),
    sha256: z.string(),
    size: z.nullish(z.number()),
    subdirectory: z.nullish(z.string()),
  }),
  z.transform(({ url, path, size, subdirectory, ...rest }) => ({
    ...rest,
    url: url ? withoutCredentials(url) : undefined,
    path: path ?? undefined,
    size: size ?? undefined,
    subdirectory: subdirectory ?? undefined,
  })),
);
const head = {
  name: z.string(),
  version: z.pipe(
    z.nullish(z.string()),
    z.transform((version) => version ?? undefined),
  ),
};
const files = z.object({ ...head, kind: z.literal('files'), files: z.array(file) });
const item = z.discriminatedUnion('kind', [
  files,
  z.object({ ...head, kind: z.literal('vcs'), url: z.string(), commit: z.string(), subdirectory: z.nullish(z.string()) }),
  z.object({ ...head, kind: z.literal('directory'), path: z.string() }),
]);
const builds = z.array(z.object({ name: z.string(), packages: z.array(files) }));

export function lockFile(target: string): string {
  return `pylock.${target}.toml`;
}

export async function makeLock(context: StageContext, request: LockRequest): Promise<LockMade> {
  const { facts } = context;
  const { wanted, base } = request;
  const folder = await prepared(context, request);
  const packages = z.array(item).parse(JSON.parse(await readFile(join(folder, 'packages.json'), 'utf8')));
  const text = writePylock({
    target: facts.target,
    python: shortPython(base.facts.python),
    machine: base.facts.machine,
    extras: facts.extras,
    groups: facts.groups,
    packages: packages.map((found) => {
      switch (found.kind) {
        case 'files':
          return { ...found, index: undefined };
        case 'vcs':
          return { ...found, system: 'git', url: withoutCredentials(found.url), subdirectory: found.subdirectory ?? undefined };
        case 'directory':
          return { ...found, path: wanted.folders.find(({ folder: { name } }) => name === found.name)?.folder.path ?? found.path };
      }
    }),
    builds: builds
      .parse(JSON.parse(await readFile(join(folder, 'builds.json'), 'utf8')))
      .map((build) => ({ ...build, packages: build.packages.map((found) => ({ ...found, index: undefined })) })),
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
  const kept = upgrade === 'all' ? [] : known.filter((pinned) => !names.has(pinned.split('==')[0] ?? ''));
  const job = { builder, base: base.fingerprint, toolchain };
  const application = { name: facts.project.normalizedName, tree: facts.sources };
  const open: Wanted = { ...wanted, lock: undefined };
  if (kept.length === 0) return prepareWheels(context, { ...job, wanted: open }, application);
  try {
    return await prepareWheels(context, { ...job, wanted: { ...open, constraints: [...open.constraints, ...kept] } }, application);
  } catch (error) {
    const isConflict = error instanceof UserError && (error.code === 'dependencies-conflict' || error.code === 'dependency-missing');
    if (!isConflict) throw error;
    const text = `what is locked cannot all stay: ${error.message}; everything is resolved anew`;
    context.emit({ type: 'log', stage: 'wheels', stream: 'note', text });
    return prepareWheels(context, { ...job, wanted: open }, application);
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
