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
  /** Whether the settings of a site name the output, rather than the metadata: then all but its pages work without. */
  readonly isOptional: boolean;
  /** Whether code of the project's that runs with its build backend calls the tool; `only hook`: hatch runs no other. */
  readonly runsIn: 'hook' | 'only hook' | undefined;
  /** What the metadata or the settings take in by name and is not there, relative. */
  readonly missing: string | undefined;
  /** All that they take in by name. */
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
  /** Folder of uploads, relative to that of manage.py, where the settings name it plainly. */
  readonly mediaRoot: string | undefined;
  /** Folders of static files that the settings name plainly (`STATICFILES_DIRS`), relative to that of manage.py. */
  readonly staticDirs: readonly string[];
  /** Relative. */
  readonly settingsFile: string | undefined;
}

/** An application that a server of the dependencies serves. */
export interface ServedApplication {
  readonly protocol: 'asgi' | 'wsgi';
  /** `main`, `app.main` */
  readonly module: string;
  /** Of the object, or of the function that makes it. */
  readonly name: string;
  readonly isFactory: boolean;
  /** Relative. */
  readonly file: string;
}

/** A project that is shipped as its sources: there is nothing that would build a wheel of it. */
export interface SiteFacts {
  /** Folder that its modules are imported from, relative; empty: the root. */
  readonly base: string;
  /** Folder that its commands run in, relative; empty: the root. */
  readonly workingDir: string;
  readonly application: ServedApplication | undefined;
  /** Relative to `workingDir`. */
  readonly script: string | undefined;
  /** Relative; undefined where only pyproject.toml says what it needs. */
  readonly requirementsFile: string | undefined;
  /** PEP 508, of that file. */
  readonly requirements: readonly string[];
  /** Folders of uploads, as far as the settings name them plainly, relative. */
  readonly uploads: readonly string[];
}

/** A line of a Procfile. */
export interface ProcessType {
  /** `web`, `worker` */
  readonly name: string;
  /** For the shell. */
  readonly command: string;
  readonly line: number;
}

export interface BuildSystem {
  /** PEP 518 `build-system.requires`; the default of PEP 517 where there is none. */
  readonly requires: readonly string[];
  /** `setuptools.build_meta` */
  readonly backend: string;
  readonly backendPath: readonly string[];
}

export interface Project {
  /** What ships: a wheel, or the sources themselves. */
  readonly kind: 'package' | 'site';
  /** Of a site only. */
  readonly site: SiteFacts | undefined;
  /** Of a Procfile. */
  readonly processes: readonly ProcessType[];
  /** Absolute path of its folder. */
  readonly root: string;
  /** As its metadata writes it; of a site without any, the folder's. */
  readonly name: string;
  /** PEP 503. */
  readonly normalizedName: string;
  /** undefined where it is dynamic: only the wheel knows; or of a site, which may have none. */
  readonly version: string | undefined;
  /** The file the metadata came from, relative: `pyproject.toml`, `setup.cfg` or `setup.py`; of a site without any, `manage.py` or its requirements. */
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
  /** What a package holds to be served; a site's is in `site`, Django's in `django`. */
  readonly application: ServedApplication | undefined;
  readonly rust: RustFacts | undefined;
  readonly frontEnd: FrontEndFacts | undefined;
  /** Lock files that are there, relative. */
  readonly lockFiles: readonly string[];
}
