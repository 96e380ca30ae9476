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

/** Of hashed requirements, which name no files: any file of that version whose hash is listed. */
export interface LockedHashes extends LockedHead {
  readonly kind: 'hashes';
  readonly version: string;
  /** Hex, at least one. */
  readonly sha256: readonly string[];
}

export type LockedPackage = LockedDistribution | LockedHashes | LockedRepository | LockedFolder;

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
  /** Of the requirements that it was made from, where the lock says it (`requirementsDigest`): another one is stale. */
  readonly digest?: { readonly sha256: string; readonly place: Place };
  /** What requirements files say of where their packages come from. */
  readonly options?: PipOptions;
}

/** An index that the project itself names: in `tool.uv.index`, `tool.poetry.source`, `tool.pdm.source` or a requirements file. */
export interface ProjectIndex {
  readonly name: string;
  /** Of its simple API; a requirements file may put a login into it. */
  readonly url: string;
  /** PEP 503 names, or patterns such as `acme-*`: these packages come from this index and from no other. */
  readonly packages: readonly string[];
  /** What is not pinned is looked for there, too; otherwise it serves its packages only. */
  readonly searched: boolean;
  /** It stands in the place of the user's own index (PyPI). */
  readonly isDefault: boolean;
}

/** What requirements files say to pip besides requirements. */
export interface PipOptions {
  readonly indexes: readonly ProjectIndex[];
  readonly noIndex: boolean;
  /** URLs, or folders relative to the project's. */
  readonly findLinks: readonly string[];
  /** Names, `:all:`, `:none:`, as pip takes them. */
  readonly noBinary: readonly string[];
  readonly onlyBinary: readonly string[];
  readonly preferBinary: boolean;
  readonly pre: boolean;
  readonly trustedHosts: readonly string[];
}

/** A folder of the user's, and the extras of it that are asked for. */
export interface OpenFolder extends LockedFolder {
  /** Normalised, sorted. */
  readonly extras: readonly string[];
}

/** A wheel or an archive of the user's, by its path. */
export interface OpenFile {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly path: string;
  readonly extras: readonly string[];
  readonly place: Place;
}

/** What has to be resolved where there is no lock. */
export interface OpenRequirements {
  /** PEP 508, sorted; of the wheel, the extras, the groups, the requirements files. */
  readonly requirements: readonly string[];
  /** PEP 508 requirements that only bound versions. */
  readonly constraints: readonly string[];
  /** Folders of the user's (`tool.uv.sources`, `-e ../lib`), which are built and never looked up on an index by name. */
  readonly folders: readonly OpenFolder[];
  /** Wheels and archives in the project's folder, or beside it: as the folders. */
  readonly files: readonly OpenFile[];
  readonly options: PipOptions;
}
