/** Runs on an engine of the test's own, which has what the long stages make from this machine's, so that no network is needed. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Engine } from '../../src/core/engine/engine.js';
import { LABEL } from '../../src/core/engine/labels.js';
import { exitCodeOf } from '../../src/core/errors.js';
import type { ErrorReport } from '../../src/core/errors.js';
import { BASE_IMAGE, eventsOf, useSandbox } from './core.js';
import type { Run, RunOptions, Sandbox } from './core.js';
import { OwnDockerd } from './own-dockerd.js';
import type { OwnDockerdOptions } from './own-dockerd.js';
import { mini } from './projects.js';

export interface OwnPipeline {
  readonly sandbox: Sandbox;
  readonly own: OwnDockerd;
  /** A project with a release on the own engine. */
  readonly folder: string;
  run(options?: RunOptions): Promise<Run>;
  /** A run that is expected to end with an error. */
  fails(options?: RunOptions): Promise<Run & { readonly error: ErrorReport }>;
  /** Tags of releases with their images. */
  releases(): Promise<readonly string[]>;
  /** What runs have left: jobs, leases, candidates. */
  leftovers(): Promise<readonly string[]>;
}

/** To be called once in a file. */
export function useOwnPipeline(options: OwnDockerdOptions = {}): OwnPipeline {
  const sandbox = useSandbox();
  let own: OwnDockerd | undefined;
  let folder = '';
  beforeAll(async () => {
    folder = await sandbox.project(mini(), 'mini');
    await sandbox.make(folder);
    own = await OwnDockerd.open(options);
    await own.carry(BASE_IMAGE);
    for (const tag of await sandbox.tags()) if (/\/mini-(base|builder):/.test(tag)) await own.carry(tag);
    await sandbox.make(folder, { env: { DOCKER_HOST: own.url } });
  });
  afterAll(() => own?.close());
  const started = (): OwnDockerd => {
    if (!own) throw new Error('the engine is there only within a test');
    return own;
  };
  const asking = async <T>(ask: (engine: Engine) => Promise<T>): Promise<T> => {
    const engine = await started().connect();
    try {
      return await ask(engine);
    } finally {
      engine.close();
    }
  };
  const run = (wanted: RunOptions = {}): Promise<Run> => sandbox.run(folder, { ...wanted, env: { DOCKER_HOST: started().url, ...wanted.env } });
  return {
    sandbox,
    get own() {
      return started();
    },
    get folder() {
      return folder;
    },
    run,
    fails: async (wanted) => {
      const { error, ...rest } = await run(wanted);
      if (!error) throw new Error(`the run ended with ${rest.outcome}`);
      expect(rest).toMatchObject({ outcome: 'failed', exitCode: exitCodeOf(error) });
      expect(eventsOf(rest.events, 'stage.failed').map((event) => event.error)).toEqual([error]);
      expect(error.kind).not.toBe('defect');
      return { ...rest, error };
    },
    releases: () =>
      asking(async (engine) => {
        const images = await engine.findImages({ [LABEL.kind]: 'release' });
        return images.flatMap(({ id, tags }) => tags.filter((tag) => !tag.includes(':candidate-')).map((tag) => `${tag} ${id}`)).toSorted();
      }),
    leftovers: () =>
      asking(async (engine) => {
        const containers = await engine.findContainers({ [LABEL.run]: null });
        const images = await engine.findImages({ [LABEL.kind]: 'release' });
        return [...containers.map(({ name }) => name), ...images.flatMap(({ tags }) => tags.filter((tag) => tag.includes(':candidate-')))];
      }),
  };
}
