/** What a project's folder says about itself. Read, never executed: nothing of a project runs on the host. `detect.ts` reads it. */
import type { Place } from '../errors.js';

export interface PythonChoice {
  /** `3.13` */
  readonly version: string;
  /** Where that comes from: `.python-version`, `requires-python >=3.10`, `default`. */
  readonly reason: string;
}

/** Something that says which versions of Python will do. */
export interface PythonBound {
  /** PEP 440. */
  readonly text: string;
  /** As it is written where it stands: `requires-python >=3.10`. */
  readonly says: string;
  readonly place: Place;
}

export interface RustFacts {
  /** `1.83` or `1.83.0`: the oldest that will do. */
  readonly version: string;
  /** As it is written: `rust-version 1.83.0`, `edition 2024`. */
  readonly says: string;
  readonly place: Place;
}

/** A front end in another language, whose build is part of this project. */
export interface FrontEndFacts {
  /** `npm`, `yarn`, `pnpm`, `bun` */
  readonly tool: string;
  /** The one with a build script, relative. */
  readonly packageJson: string | undefined;
  /** What shows that it is needed. */
  readonly place: Place;
  /** Whether code of the project's that runs with its build backend calls the tool; `only hook`: hatch runs no other. */
  readonly runsIn: 'hook' | 'only hook' | undefined;
  /** What the metadata packages by name and is not there, relative. */
  readonly missing: string | undefined;
  /** All that the metadata packages by name. */
  readonly outputs: readonly string[];
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
  /** That of the metadata, and those of its locks. */
  readonly pythonBounds: readonly PythonBound[];
  readonly python: PythonChoice;
  readonly buildSystem: BuildSystem;
  /** PEP 508 requirements; undefined where they are dynamic. */
  readonly dependencies: readonly string[] | undefined;
  /** Extras by normalised name; undefined where they are dynamic. */
  readonly extras: ReadonlyMap<string, readonly string[]> | undefined;
  /** Where the extras are declared, or would be. */
  readonly extrasPlace: Place;
  readonly django: DjangoFacts | undefined;
  readonly rust: RustFacts | undefined;
  readonly frontEnd: FrontEndFacts | undefined;
  /** Lock files that are there, relative. */
  readonly lockFiles: readonly string[];
}
