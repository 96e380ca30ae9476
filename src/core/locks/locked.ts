/** What a project's own lock says must be there, for one variant: our form of what pylock.toml, uv.lock, poetry.lock, pdm.lock and hashed requirements say. */
import type { Place } from '../errors.js';

/** What a variant is locked for. */
export interface LockEnvironment {
  /** `3.13.5`, of the base image. */
  readonly python: string;
  /** As `platform.machine()` says it: `x86_64`, `aarch64`. */
  readonly machine: string;
  /** `2.36`, of the base image's glibc. */
  readonly glibc: string;
}

interface LockedHead {
  /** PEP 503. */
  readonly name: string;
  /** undefined where only building tells. */
  readonly version: string | undefined;
  /** Where the lock names it. */
  readonly place: Place;
}

/** A file with a hash. Of several, the first fits best: wheels by their tags, then the sdist. */
export interface LockedFile {
  readonly kind: 'wheel' | 'sdist' | 'archive';
  readonly file: string;
  /** undefined where the lock names none (poetry.lock): then an index is asked for that file. */
  readonly url: string | undefined;
  /** Relative to the project's folder, where the lock names a file of it. */
  readonly path: string | undefined;
  /** Hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number | undefined;
  readonly subdirectory: string | undefined;
}

export interface LockedDistribution extends LockedHead {
  readonly kind: 'files';
  readonly version: string | undefined;
  /** At least one. */
  readonly files: readonly LockedFile[];
  /** Simple API of the index that the lock names, without credentials; undefined: the user's. */
  readonly index: string | undefined;
}

export interface LockedRepository extends LockedHead {
  readonly kind: 'vcs';
  readonly system: 'git';
  readonly url: string;
  readonly commit: string;
  readonly subdirectory: string | undefined;
}

/** A folder of the user's: a path dependency, an editable one, a member of the workspace. */
export interface LockedFolder extends LockedHead {
  readonly kind: 'directory';
  /** Relative to the project's folder; may lead out of it (`../lib`). */
  readonly path: string;
}

export type LockedPackage = LockedDistribution | LockedRepository | LockedFolder;

/** One package with the exact artefacts of its own build requirements, so that a build needs no resolution. */
export interface LockedBuild {
  /** PEP 503 name of what is built; the application's own too. */
  readonly name: string;
  readonly packages: readonly LockedDistribution[];
}

export interface ProjectLock {
  /** Relative to the project's folder; a workspace's lies above it (`../uv.lock`). */
  readonly file: string;
  readonly format: 'pylock' | 'uv' | 'poetry' | 'pdm' | 'requirements';
  /** Sorted by name; without the project itself. */
  readonly packages: readonly LockedPackage[];
  /** undefined where the lock says nothing of it. */
  readonly builds: readonly LockedBuild[] | undefined;
}

/** What has to be resolved where there is no lock. */
export interface OpenRequirements {
  /** PEP 508, sorted; of the wheel, the extras, the groups, the requirements files. */
  readonly requirements: readonly string[];
  /** PEP 508 requirements that only bound versions. */
  readonly constraints: readonly string[];
  /** Folders of the user's (`tool.uv.sources`, `-e ../lib`), which are built and never looked up on an index by name. */
  readonly folders: readonly LockedFolder[];
}
