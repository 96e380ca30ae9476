/** Which dependency wheels a target wants: what its lock names, or what has to be resolved. */
import { formatRequirement } from '../project/requirement.js';
import type { LockedPackage, OpenFile, OpenFolder, OpenRequirements, ProjectIndex, ProjectLock } from '../locks/locked.js';
import { withoutCredentials } from '../project/revision.js';
import type { SourceTree } from '../project/sources.js';
import type { Json } from './fingerprint.js';

/** What the project's files say of its dependencies. */
export interface DependencySources {
  /** undefined where the project has none. */
  readonly lock: ProjectLock | undefined;
  /** undefined where there is a lock, and until the wheel is there that says what it asks for. */
  readonly open: OpenRequirements | undefined;
  /** Sources of the folders that either of them names, by path. */
  readonly trees: ReadonlyMap<string, SourceTree>;
  /** sha256 of the files of the project's that either of them names, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What the application's wheel asks for with `==`, by normalised name: the version of a folder that only Git would know. */
  readonly pins: ReadonlyMap<string, string>;
}

export const NOT_READ: DependencySources = { lock: undefined, open: undefined, trees: new Map(), files: new Map(), pins: new Map() };

/** A folder that becomes a wheel: a path dependency, a member of the workspace. */
export interface FolderSource {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly path: string;
  readonly tree: SourceTree;
  /** For backends that would ask Git for it; undefined where the folder says it, or nothing does. */
  readonly version: string | undefined;
}

export interface FileSource {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly path: string;
  readonly sha256: string;
}

/** What the job is given. */
export interface Wanted {
  /** undefined where it has to be resolved. */
  readonly packages: readonly LockedPackage[] | undefined;
  readonly builds: ProjectLock['builds'];
  /** PEP 508, sorted. */
  readonly requirements: readonly string[];
  readonly constraints: readonly string[];
  /** What pip is told besides, as a requirements file says it: `--no-binary :all:`. */
  readonly options: readonly string[];
  /** Those that the project's files name, with what is pinned to them. */
  readonly indexes: readonly ProjectIndex[];
  readonly folders: readonly FolderSource[];
  readonly files: readonly FileSource[];
}

export function wantedFrom({ lock, open, trees, files, pins }: DependencySources): Wanted {
  const folderOf = ({ name, path, version }: Pick<OpenFolder, 'name' | 'path' | 'version'>): readonly FolderSource[] => {
    const tree = trees.get(path);
    return tree ? [{ name, path, tree, version: version === undefined ? pins.get(name) : undefined }] : [];
  };
  if (lock) {
    return {
      packages: lock.packages,
      builds: lock.builds,
      requirements: [],
      constraints: [],
      options: [],
      indexes: lock.options?.indexes ?? [],
      folders: lock.packages.flatMap((item) => (item.kind === 'directory' ? folderOf(item) : [])),
      files: lock.packages.flatMap((item) => {
        const file = item.kind === 'files' ? item.files[0] : undefined;
        return file?.path === undefined ? [] : [{ name: item.name, path: file.path, sha256: file.sha256 }];
      }),
    };
  }
  return open ? wantedOpen(open, folderOf, files) : { ...NOTHING };
}

const NOTHING: Wanted = { packages: undefined, builds: undefined, requirements: [], constraints: [], options: [], indexes: [], folders: [], files: [] };

function wantedOpen(open: OpenRequirements, folderOf: (folder: OpenFolder) => readonly FolderSource[], hashes: ReadonlyMap<string, string>): Wanted {
  const files = open.files.map(({ name, path }) => ({ name, path, sha256: hashes.get(path) ?? '' }));
  const local = (item: OpenFile | OpenFolder, url: string, extras: readonly string[]): string =>
    formatRequirement({ name: item.name, extras, specifierText: '', url, marker: undefined });
  const places = [
    ...open.folders.map((folder) => [folder, `file://${scratchFolder(folder.name)}`] as const),
    ...open.files.map((file, i) => [file, `file://${inputInJob(files[i] ?? { ...file, sha256: '' })}`] as const),
  ];
  return {
    ...NOTHING,
    requirements: [...open.requirements, ...places.map(([item, url]) => local(item, url, item.extras))].sort(),
    // Wherever such a name turns up, also among what others ask for, it means this and nothing on an index.
    constraints: [...open.constraints, ...places.map(([item, url]) => local(item, url, []))],
    options: optionsOf(open),
    indexes: open.options.indexes,
    folders: open.folders.flatMap(folderOf),
    files,
  };
}

/** Without indexes: these reach the job with their logins (network/). */
function optionsOf({ options }: OpenRequirements): readonly string[] {
  const { noIndex, findLinks, noBinary, onlyBinary, preferBinary, pre } = options;
  return [
    ...(noIndex ? ['--no-index'] : []),
    ...findLinks.filter((link) => /^https?:/.test(link)).map((link) => `--find-links ${link}`),
    ...noBinary.map((name) => `--no-binary ${name}`),
    ...onlyBinary.map((name) => `--only-binary ${name}`),
    ...(preferBinary ? ['--prefer-binary'] : []),
    ...(pre ? ['--pre'] : []),
  ];
}

/** Where a folder's sources lie in the job. */
export function folderInJob(name: string): string {
  return `/folders/${name}`;
}

/** Where it lies while it is resolved: building metadata leaves files in it. */
export function scratchFolder(name: string): string {
  return `/scratch${folderInJob(name)}`;
}

export function inputInJob({ sha256, path }: Pick<FileSource, 'sha256' | 'path'>): string {
  return `/scratch/inputs/${sha256}/${path.split('/').at(-1) ?? path}`;
}

/** What identifies the wheels that come of it, as far as the host knows. */
export function wantedInputs({ packages, builds, requirements, constraints, options, indexes, folders, files }: Wanted): Json {
  return {
    ...(packages
      ? {
          packages: packages.map((item) => lockedInputs(item)),
          builds: (builds ?? []).map((build) => ({ name: build.name, packages: build.packages.map((item) => lockedInputs(item)) })),
        }
      : {
          requirements,
          constraints,
          options,
          files: files.map(({ name, sha256 }) => ({ name, sha256 })),
          ...(indexes.length > 0 && {
            indexes: indexes.map(({ url, packages: pinned, searched }) => ({ url: withoutCredentials(url), packages: pinned, searched })),
          }),
        }),
    folders: folders.map(({ name, tree, version }) => ({ name, digest: tree.digest, version: version ?? '' })),
  };
}

function lockedInputs(item: LockedPackage): Json {
  switch (item.kind) {
    case 'files':
      // The one that is taken: another tool's lock of the same file is the same.
      return { name: item.name, sha256: item.files[0]?.sha256 ?? '', subdirectory: item.files[0]?.subdirectory ?? '' };
    case 'hashes':
      return { name: item.name, version: item.version, sha256: [...item.sha256].sort() };
    case 'vcs':
      return { name: item.name, url: item.url, commit: item.commit, subdirectory: item.subdirectory ?? '' };
    case 'directory':
      return { name: item.name, folder: true };
  }
}

export function isEmpty({ packages, requirements }: Wanted): boolean {
  return packages ? packages.length === 0 : requirements.length === 0;
}
