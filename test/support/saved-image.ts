/** An image as `docker save` writes it: every byte that somebody who pulls it gets. */
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { readTar } from '../../src/core/engine/tar.js';
import { open } from './raw-engine.js';

export interface LayerFile {
  /** Without a leading slash. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'other';
  readonly mode: number;
  readonly content: Buffer;
}

export interface SavedLayer {
  readonly diffId: string;
  /** The whole tar, uncompressed. */
  readonly bytes: Buffer;
  readonly files: readonly LayerFile[];
}

export interface SavedImage {
  /** Text of the configuration: environment, labels, history. */
  readonly config: string;
  /** Those above `below`, lowest first. */
  readonly layers: readonly SavedLayer[];
}

const manifest = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) }));
const config = z.object({ rootfs: z.object({ diff_ids: z.array(z.string()) }) });

/**
 * @param below layers that are not looked into: those of the base image
 * @param folder for the tar, which may be large; it is gone afterwards
 */
export async function saveImage(reference: string, below: readonly string[], folder: string): Promise<SavedImage> {
  const file = join(folder, 'saved-image.tar');
  await pipeline(await open('GET', `/images/${reference}/get`), createWriteStream(file));
  try {
    const texts = new Map<string, string>();
    await readTar(createReadStream(file), async (entry, content) => {
      // Layers are no JSON; engines with another image store keep configuration and layers side by side, without names that tell.
      if (entry.type === 'file' && entry.size < 1024 * 1024) texts.set(entry.path, (await buffer(content)).toString('utf8'));
    });
    const [image] = manifest.parse(JSON.parse(texts.get('manifest.json') ?? ''));
    if (!image) throw new Error(`${reference} has no manifest`);
    const text = texts.get(image.Config) ?? '';
    const { diff_ids } = config.parse(JSON.parse(text)).rootfs;
    const wanted = new Map(image.Layers.map((path, i) => [path, diff_ids[i] ?? ''] as const).filter(([, id]) => !below.includes(id)));
    const layers = new Map<string, SavedLayer>();
    await readTar(createReadStream(file), async (entry, content) => {
      const diffId = wanted.get(entry.path);
      if (diffId === undefined) return;
      if (entry.type === 'file') layers.set(diffId, await layerOf(diffId, await buffer(content)));
      // Equal layers are saved once, and the others as links to them.
      else throw new Error(`the layer ${entry.path} is saved as a ${entry.type}`);
    });
    return {
      config: text,
      layers: [...wanted.values()].map((id) => {
        const layer = layers.get(id);
        if (!layer) throw new Error(`the layer ${id} is not in what was saved`);
        return layer;
      }),
    };
  } finally {
    await rm(file);
  }
}

async function layerOf(diffId: string, raw: Buffer): Promise<SavedLayer> {
  const bytes = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  const files: LayerFile[] = [];
  await readTar(Readable.from([bytes]), async ({ path, type, mode }, content) => {
    files.push({ path, type, mode, content: await buffer(content) });
  });
  return { diffId, bytes, files };
}

export const SITE = /^appenv\/lib\/python3\.\d+\/site-packages\//;

const UNWANTED = [
  /(^|\/)bin\/([\w]+-linux-gnu-)?(gcc|g\+\+|cc|c\+\+|cpp|ld|as|make|ar)(-[\d.]+)?$/,
  /(^|\/)cc1(plus)?$/,
  /\.whl$/,
  /(^|\/)(_?pytest|pytest_django|iniconfig|pluggy)[/.-]/,
  /(^|\/)(pip|setuptools|wheel)-[^/]*\.dist-info\//,
  /^(tmp|run|root)\/./,
  // debconf's answers are a part of the installed packages.
  /^var\/cache\/(?!debconf\/)[^/]+\/(?!\.wh\.)./,
  /^var\/log\/(?!\.wh\.)./,
  /^var\/lib\/apt\/lists\/.*[^/]$/,
  /(^|\/)usr\/include\/./,
];

/** What no release needs: compilers, wheels, test tools, pip, logs, caches. */
export function unwantedIn(files: ReadonlyMap<string, LayerFile>): readonly string[] {
  return [...files.values()].flatMap(({ path, type }) => (type !== 'directory' && UNWANTED.some((pattern) => pattern.test(path)) ? [path] : []));
}

/** Files that others may write, or that run with the rights of their owner. */
export function looseIn(files: ReadonlyMap<string, LayerFile>): readonly string[] {
  const isLoose = ({ path, type, mode }: LayerFile): boolean => type === 'file' && (mode & 0o6022) !== 0 && !path.startsWith('var/lib/dpkg');
  return [...files.values()].filter(isLoose).map(({ path }) => path);
}

/** The flags of each module's bytecode (PEP 552), or a sentence for a module that has none. Templates of modules are no modules. */
export function bytecodeFlags(files: ReadonlyMap<string, LayerFile>, of: RegExp): readonly (number | string)[] {
  const compiled = new Map([...files.values()].map((file) => [file.path.replace(/\.cpython-\d+\.pyc$/, '.pyc'), file]));
  return [...files.keys()]
    .filter((path) => SITE.test(path) && of.test(path) && path.endsWith('.py') && !/\/conf\/(app|project)_template\//.test(path))
    .map((path) => compiled.get(path.replace(/([^/]+)\.py$/, '__pycache__/$1.pyc'))?.content.readUInt32LE(4) ?? `${path} has none`);
}
