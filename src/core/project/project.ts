/** What a project's folder says about itself. Read, never executed: nothing of a project runs on the host. */

export interface PythonChoice {
  /** `3.13` */
  readonly version: string;
  /** Where that comes from: `.python-version`, `requires-python >=3.10`, `default`. */
  readonly reason: string;
}

export interface DjangoFacts {
  /** Relative to the project's folder. */
  readonly managePy: string;
  readonly settingsModule: string | undefined;
  /** `polls.wsgi:application`, as servers name it. */
  readonly wsgi: string | undefined;
  readonly asgi: string | undefined;
}

export interface BuildSystem {
  /** PEP 518 `build-system.requires`; the default of PEP 517 where there is none. */
  readonly requires: readonly string[];
  /** `setuptools.build_meta` */
  readonly backend: string;
  readonly backendPath: readonly string[];
}

export interface Project {
  /** Absolute path of its folder. */
  readonly root: string;
  /** As its metadata writes it. */
  readonly name: string;
  /** PEP 503. */
  readonly normalizedName: string;
  /** undefined where it is dynamic: only the wheel knows. */
  readonly version: string | undefined;
  /** The file the metadata came from, relative: `pyproject.toml`, `setup.cfg` or `setup.py`. */
  readonly metadataFile: string;
  readonly requiresPython: string | undefined;
  readonly python: PythonChoice;
  readonly buildSystem: BuildSystem;
  /** PEP 508 requirements; undefined where they are dynamic. */
  readonly dependencies: readonly string[] | undefined;
  /** Extras by normalised name; undefined where they are dynamic. */
  readonly extras: ReadonlyMap<string, readonly string[]> | undefined;
  readonly django: DjangoFacts | undefined;
  /** Lock files that are there, relative. */
  readonly lockFiles: readonly string[];
}

// export async function detectProject(folder: string): Promise<Project>
