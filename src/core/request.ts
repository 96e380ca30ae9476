/** What a front end asks for; the same for the editor and the command line. */
import type { EngineListing } from './engine/listing.js';
import type { StageName } from './pipeline/events.js';
import type { RunRecord } from './pipeline/run-record.js';

export const BASE_IMAGE_SETTING = 'setting pypackage.baseImage';

export interface Request {
  /** The project's folder, absolute. */
  readonly folder: string;
  readonly target?: string;
  /** In place of the project's `pypackage.json`, absolute. */
  readonly config?: string;
  /** With where it came from: `--base-image`, `PYPACKAGE_BASE_IMAGE`, BASE_IMAGE_SETTING. What pypackage.json says goes before a setting only. */
  readonly baseImage?: { readonly reference: string; readonly source: string };
  readonly namespace?: string;
  readonly extras?: readonly string[];
  /** Dependency groups (PEP 735), beside those of the configuration. */
  readonly groups?: readonly string[];
  /** In place of the build backend and of what the configuration says: words of a command that leaves wheels in `$WHEELHOUSE`. */
  readonly buildCommand?: readonly string[];
  /** Engine URL or context name, with where it came from. */
  readonly engine?: { readonly value: string; readonly source: string };
  /** Ask the registry for the base image even when one is there. */
  readonly pull?: boolean;
  /** Ask nothing over the network: dependencies come from folders with wheels. */
  readonly offline?: boolean;
  readonly wait?: boolean;
  /** The environment of the front end: DOCKER_HOST, proxies, CA, pip's allow-listed variables are looked up here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for complete logs. */
  readonly logDir: string;
  /** Who asks, for the records of runs. Default: the command line. */
  readonly by?: RunFront;
}

/** What a person or an assistant started a run with. */
export type RunFront = 'editor' | 'command line';

export interface RunRequest extends Request {
  /** The stages that are wanted; what they need is added. */
  readonly stages: readonly StageName[];
  /** Why tags move at once: `all` and `release` differ once there are tests. */
  readonly verb: 'all' | 'image' | 'wheels' | 'release' | 'lock';
  /** Of `lock`: what is resolved anew; without it, what is locked stays. Names of packages. */
  readonly upgrade?: 'all' | readonly string[];
  /** Run the wanted stages although they are up to date. */
  readonly force?: boolean;
}

export interface StageStatus {
  readonly stage: StageName;
  readonly state: 'up to date' | 'stale' | 'never run' | 'unknown';
  /** Why it is stale; empty when up to date. */
  readonly reason: string;
  /** `id`: of the image. */
  readonly artifact?: { readonly id: string; readonly name: string; readonly size: number; readonly created: number };
}

export interface ServiceStatus {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly health: string;
  readonly url?: string;
  readonly image: string;
}

export interface StatusDocument {
  readonly v: 1;
  readonly project: { readonly name: string; readonly version?: string; readonly root: string; readonly id: string };
  readonly target: string;
  readonly python: { readonly version: string; readonly reason: string };
  readonly baseImage: { readonly reference: string; readonly source: string };
  readonly engine: { readonly product: string; readonly version: string; readonly url: string; readonly source: string };
  readonly stages: readonly StageStatus[];
  readonly release?: { readonly image: string; readonly tags: readonly string[]; readonly size: number; readonly created: number };
  readonly services: readonly ServiceStatus[];
  /** Who works on the target now. */
  readonly running?: RunningRun;
}

/** A run that holds the lease on a target. */
export interface RunningRun {
  readonly run: string;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly startedAt: number;
  /** Another container of this machine counts as another machine. */
  readonly where: 'this machine' | 'another machine';
}

/** The last run of a project on this machine, as far as it is remembered. */
export interface LastRun {
  readonly record: RunRecord;
  /** What became of it: a run whose process has ended without a word was interrupted. */
  readonly state: RunRecord['state'];
  /** The last lines of its log, of which `log` in the record names the file; empty where there is none. */
  readonly tail: readonly string[];
}

export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'missing';
  readonly text: string;
  readonly fix?: string;
}

/** Who answers. */
export interface EngineAnswer {
  readonly product: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly platform: string;
  readonly buildkit: boolean;
  readonly canBuild: boolean;
  readonly url: string;
  readonly source: string;
}

export interface DoctorDocument {
  readonly v: 1;
  readonly version: string;
  readonly engine?: EngineAnswer;
  /** Every place where an engine could be, with what it answered. */
  readonly tried: EngineListing['engines'];
  /** Why the chosen one of them is, or what is wrong. */
  readonly why: string;
  readonly checks: readonly Check[];
}

export interface StartResult {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `http://127.0.0.1:8000`; undefined where the release serves nothing. */
  readonly url: string | undefined;
  readonly alreadyRunning: boolean;
}

/** What `fix` did: what the last failed run said to add to the configuration. */
export interface FixResult {
  /** `pypackage.json`, as people see it; undefined where no failure left anything to fix. */
  readonly file: string | undefined;
  /** Debian packages of the remedy. */
  readonly packages: readonly string[];
  /** Those that the file did not name before. */
  readonly added: readonly string[];
}

export interface CleanItem {
  readonly kind: 'container' | 'image' | 'volume' | 'export';
  readonly id: string;
  readonly name: string;
  readonly size?: number;
  readonly reason: string;
}
