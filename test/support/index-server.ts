/** A package index with a password, on an address that containers reach. It has what it was given and nothing else. */
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { packFiles } from '../../src/core/engine/tar.js';
import { wheelMembers, writeZip } from '../unit/wheels/zip-writer.js';
import { ask } from './raw-engine.js';

export interface PrivateIndex {
  /** With user and password, as people set PIP_EXTRA_INDEX_URL. */
  readonly url: string;
  readonly host: string;
  readonly password: string;
  /** What was asked for with the password, and what without. */
  readonly allowed: readonly string[];
  readonly refused: readonly string[];
  close(): Promise<void>;
}

const network = z.object({ IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string(), Gateway: z.optional(z.string()) })) }) });

export interface Distribution {
  /** Normalised. */
  readonly name: string;
  readonly file: string;
  readonly content: Buffer;
}

/** A wheel with one module. */
export function wheelOf(name: string, version = '1.0'): Distribution {
  const module = name.replaceAll('-', '_');
  const content = writeZip(wheelMembers({ name: module, version, files: { [`${module}.py`]: 'private = True\n' } }));
  return { name, file: `${module}-${version}-py3-none-any.whl`, content };
}

/** A source distribution of version 1.0, built by setuptools. */
export async function sdistOf(name: string, files: Readonly<Record<string, string>>): Promise<Distribution> {
  const root = `${name.replaceAll('-', '_')}-1.0`;
  const all: Readonly<Record<string, string>> = {
    'PKG-INFO': `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
    'pyproject.toml': `[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n\n[project]\nname = "${name}"\nversion = "1.0"\n`,
    ...files,
  };
  const tar = packFiles(Object.entries(all).map(([path, content]) => ({ path: `${root}/${path}`, content, mode: 0o644 })));
  return { name, file: `${root}.tar.gz`, content: gzipSync(await buffer(tar)) };
}

/**
 * The engine's bridge is an interface of this machine: only containers and this machine reach what listens there. Node does not list it while
 * no container runs: it has no carrier then. The engine takes the first address of its subnet.
 */
export async function bridgeAddress(): Promise<string> {
  const [bridge] = (await ask(network, '/networks/bridge')).IPAM.Config;
  const host = bridge?.Gateway ?? bridge?.Subnet.replace(/\.0\/\d+$/, '.1');
  if (host === undefined) throw new Error('the bridge of the engine has no subnet');
  return host;
}

export async function servePrivateIndex(distributions: readonly Distribution[]): Promise<PrivateIndex> {
  const password = `s3cret-${Math.random().toString(36).slice(2)}`;
  const wanted = `Basic ${Buffer.from(`ci:${password}`).toString('base64')}`;
  const allowed: string[] = [];
  const refused: string[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization !== wanted) {
      refused.push(url);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end();
      return;
    }
    allowed.push(url);
    const listed = distributions.filter(({ name }) => url === `/simple/${name}/`);
    const asked = distributions.find(({ file }) => url === `/files/${file}`);
    if (asked) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(asked.content);
    else if (listed.length === 0) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html>${listed.map(({ file }) => `<a href="/files/${file}">${file}</a>`).join('')}`);
  });
  const host = await bridgeAddress();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://ci:${password}@${host}:${port}/simple`,
    host,
    password,
    allowed,
    refused,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
