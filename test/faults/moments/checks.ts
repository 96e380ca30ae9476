/** What must hold after a run was ended at any moment, found past all code that could be wrong about it. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { parse } from 'smol-toml';
import { LABEL } from '../../../src/core/engine/labels.js';
import { ask, containersWith, inspectImage, listImages, output } from '../../support/raw-engine.js';

const lock = z.object({
  packages: z.array(z.object({ wheels: z.array(z.object({ path: z.string(), hashes: z.object({ sha256: z.string() }) })) })),
});

/** Files that the lock of an export names, with what is wrong with each; an export without a lock is none. */
export async function exportProblems(folder: string): Promise<readonly string[]> {
  const named = await lockedFiles(folder);
  const found = await Promise.all(
    named.map(async ({ path, sha256 }) => {
      const content = await readFile(join(folder, path)).catch(() => undefined);
      if (!content) return [`${path} is missing`];
      return createHash('sha256').update(content).digest('hex') === sha256 ? [] : [`${path} is not what the lock names`];
    }),
  );
  return found.flat();
}

/** What lies in an export beside what its lock names. */
export async function exportSurplus(folder: string): Promise<readonly string[]> {
  const named = new Set(['pylock.toml', ...(await lockedFiles(folder)).map(({ path }) => path)]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return [...files.filter((file) => !named.has(file)), ...folders.filter((name) => ![...named].some((file) => file.startsWith(`${name}/`)))];
}

async function lockedFiles(folder: string): Promise<readonly { readonly path: string; readonly sha256: string }[]> {
  const text = await readFile(join(folder, 'pylock.toml'), 'utf8');
  return lock
    .parse(parse(text))
    .packages.flatMap(({ wheels }) => wheels.map(({ path, hashes }) => ({ path: path.replace(/^\.\//, ''), sha256: hashes.sha256 })));
}

/** What a release of that name imports and says. */
export async function stateOf(release: string): Promise<string> {
  return (await output(release, ['python', '-c', 'import mini, six; print(mini.STATE)'], { entrypoint: [] })).trim();
}

/** Names of releases with the image that each stands for. */
export async function releaseTags(namespace: string, target: string): Promise<ReadonlyMap<string, string>> {
  const found = (await listImages()).flatMap(({ Id, RepoTags, Labels }) =>
    Labels[LABEL.kind] === 'release' ? RepoTags.filter((tag) => tag.startsWith(`${namespace}/${target}-release:`)).map((tag) => [tag, Id] as const) : [],
  );
  return new Map(found);
}

export interface Project {
  readonly namespace: string;
  readonly projectId: string;
  readonly target: string;
  /** Where its runs keep temporary files. */
  readonly temporary: string;
  /** First 12 digits of the fingerprints that its runs have told of. */
  readonly fingerprints: ReadonlySet<string>;
}

/** What is on the engine and on this machine although no run works: nothing, as it should be. */
export async function leftovers({ namespace, projectId, target, temporary, fingerprints }: Project): Promise<readonly string[]> {
  const own = { [LABEL.project]: projectId, [LABEL.target]: target };
  const [containers, networks, images, folders] = await Promise.all([
    containersWith(own),
    ask(z.array(z.object({ Name: z.string(), Labels: z.nullish(z.record(z.string(), z.string())) })), '/networks'),
    listImages(),
    readdir(temporary),
  ]);
  return [
    ...containers
      .filter(({ Labels }) => Labels[LABEL.run] !== undefined)
      .map(({ Names, State, Labels }) => `container ${Names[0]} (${Labels[LABEL.kind]}, ${State})`),
    ...networks.filter(({ Labels }) => Labels?.[LABEL.project] === projectId && Labels[LABEL.target] === target).map(({ Name }) => `network ${Name}`),
    ...images.flatMap(({ RepoTags }) => RepoTags.filter((tag) => tag.startsWith(`${namespace}/${target}-release:candidate-`))).map((tag) => `image ${tag}`),
    ...images
      .filter(({ RepoTags, Labels }) => RepoTags.length === 0 && (isOf(Labels, own) || fingerprints.has((Labels[LABEL.fingerprint] ?? '').slice(0, 12))))
      .map(({ Id, Labels }) => `${Labels[LABEL.kind]} image without a name ${Id}`),
    ...folders.map((name) => `temporary folder ${name}`),
  ];
}

function isOf(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** Every image that a run of the target has made, by context: how many names each has. */
export async function generations(namespace: string, target: string): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { RepoTags } of await listImages()) {
    for (const tag of RepoTags) {
      const context = new RegExp(`^${namespace}/${target}-(base|builder|deps|wheels):`).exec(tag)?.[1];
      if (context !== undefined) counts[context] = (counts[context] ?? 0) + 1;
    }
  }
  return counts;
}

/** Processes of this machine, those in containers among them, that have the variable in their environment: steps of builds and jobs. */
export function processesOf(variable: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 100)}`];
    } catch {
      return []; // it has ended, or belongs to somebody else
    }
  });
}

/** Whether each release's name stands for a complete image: all its layers are named, and it says what it holds. */
export async function isComplete(release: string): Promise<boolean> {
  const image = await inspectImage(release);
  return image.RootFS.Layers.length > 0 && image.Config.Labels[LABEL.wheel] !== undefined;
}
