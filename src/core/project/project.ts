/** What a project's folder says about itself. Read, never executed: nothing of a project runs on the host. `detect.ts` reads it. */
import type { Place } from '../errors.js';

export interface PythonChoice {
  /** `3.13` */
  readonly version: string;
  /** Where that comes from: `.python-version`, `requires-python >=3.10`, `default`. */
  readonly reason: string;
}

export interface DjangoFacts {
  /** Relative to the project's folder; undefined where a site has none and its settings and server module were found otherwise. */
  readonly managePy: string | undefined;
  /** What the server module sets as default, else what manage.py does. */
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
  /** Where the extras are declared, or would be. */
  readonly extrasPlace: Place;
  readonly django: DjangoFacts | undefined;
  /** Lock files that are there, relative. */
  readonly lockFiles: readonly string[];
}
