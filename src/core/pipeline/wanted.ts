/** Which dependency wheels a target wants: what its lock names, or what has to be resolved. */
import type { LockedFolder, ProjectLock } from '../locks/locked.js';
import type { SourceTree } from '../project/sources.js';
import type { Json } from './fingerprint.js';

/** A folder that becomes a wheel: a path dependency, a member of the workspace. */
export interface FolderSource {
  readonly folder: LockedFolder;
  readonly tree: SourceTree;
}

/** What the project's files say of its dependencies, beside what its wheel asks for. */
export interface DependencySources {
  /** undefined where the project has none. */
  readonly lock: ProjectLock | undefined;
  /** PEP 508, beside those of the wheel: of groups, of the configuration, of requirements files. */
  readonly further: readonly string[];
  readonly constraints: readonly string[];
  readonly folders: readonly FolderSource[];
  /** By normalised name: the direct reference that takes the place of a requirement's versions (`git+https://…`), as PEP 508 writes it. */
  readonly direct: ReadonlyMap<string, string>;
}

export const NO_SOURCES: DependencySources = { lock: undefined, further: [], constraints: [], folders: [], direct: new Map() };

export interface Wanted {
  readonly lock: ProjectLock | undefined;
  /** PEP 508, sorted. Not looked at where there is a lock. */
  readonly requirements: readonly string[];
  readonly constraints: readonly string[];
  readonly folders: readonly FolderSource[];
}

/** Where a folder's sources lie in the job. */
export function folderInJob(name: string): string {
  return `/folders/${name}`;
}

/** Where it lies while it is resolved: building metadata leaves files in it. */
export function scratchFolder(name: string): string {
  return `/scratch${folderInJob(name)}`;
}

/** What identifies the wheels that come of it, as far as the host knows. */
export function wantedInputs({ lock, requirements, constraints, folders }: Wanted): Json {
  return {
    ...(lock
      ? {
          packages: lock.packages.map((item) => lockedInputs(item)),
          builds: (lock.builds ?? []).map((build) => ({ name: build.name, packages: build.packages.map((item) => lockedInputs(item)) })),
        }
      : { requirements, constraints }),
    folders: folders.map(({ folder, tree }) => ({ name: folder.name, digest: tree.digest })),
  };
}

function lockedInputs(item: ProjectLock['packages'][number]): Json {
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

export function isEmpty({ lock, requirements, folders }: Wanted): boolean {
  return lock ? lock.packages.length === 0 : requirements.length === 0 && folders.length === 0;
}
