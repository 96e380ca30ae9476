/** What `pypackage.json` may say about a target. `read-config.ts` reads it; every key has a default that changes nothing. */

/** A package index with a name, without any login: those come from the user's own pip, uv and netrc settings. */
export interface IndexConfig {
  readonly name: string;
  /** Of its simple API (PEP 503). */
  readonly url: string;
  /** Names, or patterns such as `acme-*`: these packages come from this index and from no other. Empty: it is searched beside the others. */
  readonly packages: readonly string[];
}

export interface PrebuildConfig {
  /** Runs with `sh -c` in a copy of the project, before its wheel is built: `npm ci && npm run build`. */
  readonly command: string;
  /** Image that it runs in; the builder unless set. */
  readonly image: string | undefined;
  /** Folder in the project, relative. */
  readonly folder: string;
}

export interface TargetConfig {
  /** `3.12` */
  readonly python: string | undefined;
  readonly baseImage: string | undefined;
  readonly extras: readonly string[];
  /** Dependency groups (PEP 735) that the release gets. */
  readonly groups: readonly string[];
  /** PEP 508 requirements beside those of the project: a server, a plugin. */
  readonly requirements: readonly string[];
  /** Debian packages, beside those that are found. */
  readonly systemPackages: { readonly build: readonly string[]; readonly run: readonly string[] };
  /** A command of the user's in place of the build backend: it leaves wheels in `$WHEELHOUSE`. Words, run in a copy of the project. */
  readonly buildCommand: readonly string[] | undefined;
  readonly prebuild: PrebuildConfig | undefined;
  readonly indexes: readonly IndexConfig[];
}

export const DEFAULT_TARGET_CONFIG: TargetConfig = {
  python: undefined,
  baseImage: undefined,
  extras: [],
  groups: [],
  requirements: [],
  systemPackages: { build: [], run: [] },
  buildCommand: undefined,
  prebuild: undefined,
  indexes: [],
};
