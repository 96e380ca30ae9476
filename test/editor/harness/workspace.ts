/** Copies of the samples that a test may change, and what the engine holds of them. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import Dockerode from 'dockerode';
import { projectId } from '../../../src/core/project/revision.js';

const execute = promisify(execFile);
const EXAMPLES = join(import.meta.dirname, '../../../examples');

/** A stand-in for python:3.13, made by the tests' set-up from Debian's packages. */
export const BASE_IMAGE = process.env['PYPACKAGE_TEST_BASE_IMAGE'] ?? 'pypackage-standin/python:3.13-trixie';

export const engine = new Dockerode();

/** Images of one test, apart from everybody else's. */
export function newNamespace(): string {
  return `pypackage-test-${randomBytes(4).toString('hex')}`;
}

export interface Sample {
  readonly name: string;
  readonly folder: string;
  /** The folder, and the containers and volumes that were made for it. */
  remove(): Promise<void>;
}

/** In a folder of its own, under Git, as a person has it. */
export async function copySample(name: 'polls' | 'greet'): Promise<Sample> {
  const parent = mkdtempSync(join(tmpdir(), 'pypackage-sample-'));
  const folder = join(parent, name);
  // Without what somebody made there: Git does not have it either.
  cpSync(join(EXAMPLES, name), folder, { recursive: true, filter: (path) => basename(path) !== 'target' && basename(path) !== '__pycache__' });
  const git = (...args: readonly string[]): Promise<unknown> =>
    execute('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], { cwd: folder });
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'Sample');
  const label = `io.pypackage.project=${projectId({ normalizedName: name, root: realpathSync(folder) }, undefined)}`;
  return {
    name,
    folder,
    remove: async () => {
      for (const { Id } of await engine.listContainers({ all: true, filters: { label: [label] } }))
        await engine.getContainer(Id).remove({ force: true, v: true });
      for (const { Name } of (await engine.listVolumes({ filters: { label: [label] } })).Volumes) await engine.getVolume(Name).remove();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** Ids of the release images of one namespace, or of one application in it. */
export async function releaseImages(namespace: string, application = '*'): Promise<readonly string[]> {
  const images = await engine.listImages({ filters: { reference: [`${namespace}/${application}-release`] } });
  return images.map(({ Id }) => Id);
}

/** Names of the containers that exist for a sample: a copy without a remote is identified by its name and its path. */
export async function containersOf({ name, folder }: Sample): Promise<readonly string[]> {
  const label = `io.pypackage.project=${projectId({ normalizedName: name, root: realpathSync(folder) }, undefined)}`;
  return (await engine.listContainers({ all: true, filters: { label: [label] } })).map(({ Names }) => Names.join(' '));
}

/** The images of one test. */
export async function removeNamespace(namespace: string): Promise<void> {
  for (const image of await engine.listImages({ filters: { reference: [`${namespace}/*`] } })) {
    for (const tag of image.RepoTags ?? []) {
      if (tag.startsWith(`${namespace}/`)) await engine.getImage(tag).remove({ force: true });
    }
  }
}
