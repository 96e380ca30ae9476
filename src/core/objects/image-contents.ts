/** What is in an image: layers, settings, Python packages. Read when somebody opens it. */
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import packagesScript from '../containers/installed_packages.py';
import type { Engine, ImageDetails, ImageLayer } from '../engine/engine.js';
import { LABEL, type Labels } from '../engine/labels.js';
import { readTar } from '../engine/tar.js';
import { UserError } from '../errors.js';
import { WHEELHOUSE } from '../images/tools.js';
import { chosenImage, type ImageChoice } from './own-image.js';

export interface ImageContents extends Pick<
  ImageDetails,
  'id' | 'tags' | 'size' | 'created' | 'platform' | 'env' | 'command' | 'entrypoint' | 'user' | 'workingDir' | 'ports'
> {
  /** Instructions, the newest first; those that change no file have the size 0. */
  readonly layers: readonly ImageLayer[];
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Bytes of its files; of a wheel, those of the wheel. */
  readonly size: number;
}

export async function imageContents(engine: Engine, image: string, signal: AbortSignal): Promise<ImageContents> {
  const { id, tags, size, created, platform, env, command, entrypoint, user, workingDir, ports } = await chosenImage(engine, { image, foreign: true }, signal);
  const layers = await engine.imageLayers(id, signal);
  return { id, tags, size, created, platform, env, command, entrypoint, user, workingDir, ports, layers };
}

const installed = z.array(z.object({ name: z.string(), version: z.string(), size: z.number() }));

/**
 * By name. Of an image with Python they are what that finds; nothing of an image that is not ours is run.
 * @throws UserError `image-missing`, `image-foreign`, `image-unreadable`
 */
export async function imagePackages(engine: Engine, { image }: Pick<ImageChoice, 'image'>, signal: AbortSignal): Promise<readonly InstalledPackage[]> {
  const found = await chosenImage(engine, { image }, signal);
  const kind = found.labels[LABEL.kind];
  const json =
    kind === 'deps' || kind === 'wheels'
      ? await readLocked(engine, found, signal)
      : await runScript(engine, found, kind === 'builder' ? 'python3' : '/appenv/bin/python', signal);
  const packages = z.safeParse(installed, parse(json));
  if (!packages.success) throw unreadable(found, json);
  return packages.data.map(({ name, version, size }) => ({ name, version, size })).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Of the project whose image it is, where it says so: what is left of a job that was killed goes with the others. */
function jobLabels({ labels: { [LABEL.project]: project, [LABEL.target]: target } }: ImageDetails): Labels {
  return { [LABEL.kind]: 'job', ...(project !== undefined && { [LABEL.project]: project }), ...(target !== undefined && { [LABEL.target]: target }) };
}

async function runScript(engine: Engine, image: ImageDetails, python: string, signal: AbortSignal): Promise<string> {
  const out: string[] = [];
  const errors: string[] = [];
  const { exitCode } = await engine.runJob({
    image: image.id,
    entrypoint: [],
    command: [python, '-I', '-c', packagesScript],
    labels: jobLabels(image),
    readOnly: true,
    network: 'none',
    removeBehind: true,
    onOutput: (stream, line, end) => {
      (stream === 'stdout' ? out : errors).push(line + end);
    },
    signal,
  });
  if (exitCode !== 0) throw unreadable(image, errors.join(''));
  return out.join('');
}

/** What a wheelhouse says of itself (pipeline/stages/wheelhouse.ts). */
async function readLocked(engine: Engine, image: ImageDetails, signal: AbortSignal): Promise<string> {
  let json = '';
  const read = async (tar: Parameters<typeof readTar>[0]): Promise<void> => {
    await readTar(tar, async (entry, content) => {
      if (entry.type === 'file') json = await text(content);
    });
  };
  await engine.readFromImage(image.id, `${WHEELHOUSE}/wheels.json`, read, jobLabels(image), signal);
  return json;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function unreadable({ tags, id }: ImageDetails, said: string): UserError {
  return new UserError({
    kind: 'engine',
    code: 'image-unreadable',
    message: `What is installed in ${tags[0] ?? id} cannot be read`,
    ...(said.trim() !== '' && { why: said.trim().slice(-400) }),
    fix: 'Make it again: pypackage all --force',
  });
}
