/** What the engine's tests share: one connection, a label on all they make, and its removal. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { connectEngine } from '../../../src/core/engine/connect.js';
import type { Engine } from '../../../src/core/engine/engine.js';
import { readTar } from '../../../src/core/engine/tar.js';
import { dial, ENGINE_URL, socketPath } from '../../support/raw-connection.js';
import { ask, open } from '../../support/raw-engine.js';

export const BASE = process.env['PYPACKAGE_BASE_IMAGE'] || 'pypackage-standin/python:3.11-bookworm';

/** An address of this machine that the engine reaches, too: not the loopback one for an engine whose network is its own. */
export const SHARED_HOST = process.env['PYPACKAGE_TEST_HOST'] || '127.0.0.1';

export interface Bench {
  readonly engine: Engine;
  /** What the engine is by its own words; for what is known to differ. */
  readonly product: 'Docker' | 'Podman';
  /** Whether images are in containerd's store, which counts and names them in its own way. */
  readonly containerdStore: boolean;
  /** A socket of this machine that leads to the engine, wherever that is. */
  readonly socket: string;
  /** On everything a test makes; different for every run. */
  readonly labels: Readonly<Record<string, string>>;
  /** Unique within a run, and a valid part of names. */
  readonly id: string;
}

/** To be called once in a file; what carries the labels is removed when its tests have ended. */
export function useEngine(): Bench {
  const id = `pypackage-test-${randomBytes(4).toString('hex')}`;
  const labels = { 'io.pypackage.test': id };
  let engine: Engine | undefined;
  let product: Bench['product'] = 'Docker';
  let containerdStore = false;
  let bridge: CuttableSocket | undefined;
  beforeAll(async () => {
    const { Components } = await ask(z.object({ Components: z.array(z.object({ Name: z.string() })) }), '/version');
    if (Components.some(({ Name }) => Name.includes('Podman'))) product = 'Podman';
    // https://docs.docker.com/engine/storage/containerd/
    const { DriverStatus } = await ask(z.object({ DriverStatus: z.nullish(z.array(z.array(z.string()))) }), '/info');
    containerdStore = (DriverStatus ?? []).some((words) => words.includes('io.containerd.snapshotter.v1'));
    engine = await connectEngine({ env: process.env });
    if (socketPath() === undefined) bridge = await cuttableSocket(engine);
  });
  afterAll(async () => {
    await bridge?.close();
    if (!engine) return;
    for (const container of await engine.findContainers(labels)) await engine.removeContainer(container.id);
    for (const image of await engine.findImages(labels)) await engine.removeImage(image.id, { force: true });
    for (const volume of await engine.findVolumes(labels)) await engine.removeVolume(volume.name);
    engine.close();
  });
  return {
    id,
    labels,
    get product() {
      return product;
    },
    get containerdStore() {
      return containerdStore;
    },
    get socket() {
      return socketPath() ?? bridge?.path ?? '';
    },
    get engine() {
      if (!engine) throw new Error('the engine is there only within a test');
      return engine;
    },
  };
}

/** Of a folder in a tar, which may have a slash at its end or none: Podman leaves it out. */
export function bare(path: string): string {
  return path.replace(/\/$/, '');
}

/** Of the engine of the tests its own socket, when there is one. */
function urlOf({ info: { endpoint } }: Engine): string {
  return endpoint.source === 'DOCKER_HOST' ? ENGINE_URL : endpoint.url;
}

/** What a promise is rejected with. */
export async function problemOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('was expected to be rejected');
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`did not come true within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export interface CuttableSocket {
  readonly path: string;
  readonly url: string;
  /** How many connections are open. */
  count(): number;
  /** Breaks all connections off; new ones work. */
  cut(): void;
  /** Breaks all connections off, and no new ones are made. */
  close(): Promise<void>;
}

/** A socket that leads to the engine's, and that a test can cut. */
export async function cuttableSocket(engine: Engine): Promise<CuttableSocket> {
  const url = urlOf(engine);
  const pipes = new Set<Duplex>();
  const server = createServer((client) => {
    const upstream = dial(url);
    for (const socket of [client, upstream]) {
      pipes.add(socket);
      socket.on('error', () => undefined).on('close', () => pipes.delete(socket));
    }
    // Who left is gone for the engine, too: what it has to say reaches nobody.
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  const folder = mkdtempSync(join(tmpdir(), 'pypackage-cut-'));
  const path = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const cut = (): void => {
    for (const socket of pipes) socket.destroy();
  };
  return {
    path,
    url: `unix://${path}`,
    count: () => pipes.size / 2,
    cut,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Larger layers are those of the base image: what a test adds is small, and a search through all would take most of the time. */
const BASE_LAYER = 64 * 1024 * 1024;

/** Whether the saved image (its configuration, its history and the unpacked layers above its base) holds each of these texts. */
export async function imageHolds(engine: Engine, reference: string, needles: readonly string[]): Promise<readonly boolean[]> {
  const found = needles.map(() => false);
  await readTar(await get(engine, `/images/${reference}/get`), async (entry, content) => {
    if (entry.size > BASE_LAYER) return;
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(Buffer.from(chunk));
    const raw = Buffer.concat(chunks);
    const data = raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
    needles.forEach((needle, i) => (found[i] ||= data.includes(needle)));
  });
  return found;
}

/** A request past our own code, to check what it did. */
export function get(engine: Engine, path: string): Promise<IncomingMessage> {
  return open('GET', path, undefined, urlOf(engine));
}

export async function getText(engine: Engine, path: string): Promise<string> {
  let text = '';
  for await (const chunk of await get(engine, path)) text += String(chunk);
  return text;
}

/** Processes of this machine whose command line holds the text; containers' among them, where the engine runs here. */
export function processesWith(marker: string): number {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(marker);
    } catch {
      return false; // it has ended
    }
  }).length;
}
