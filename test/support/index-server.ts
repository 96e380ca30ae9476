/** A package index with a password, on an address that containers reach. It has one package and nothing else. */
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
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

const network = z.object({ Options: z.record(z.string(), z.string()) });

/** @param name of its only package, of version 1.0 */
export async function servePrivateIndex(name: string): Promise<PrivateIndex> {
  const password = `s3cret-${Math.random().toString(36).slice(2)}`;
  const wanted = `Basic ${Buffer.from(`ci:${password}`).toString('base64')}`;
  const file = `${name.replaceAll('-', '_')}-1.0-py3-none-any.whl`;
  const wheel = writeZip(wheelMembers({ name: name.replaceAll('-', '_'), version: '1.0', files: { [`${name.replaceAll('-', '_')}.py`]: 'private = True\n' } }));
  const allowed: string[] = [];
  const refused: string[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    if (headers.authorization !== wanted) {
      refused.push(url);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end();
      return;
    }
    allowed.push(url);
    if (url === `/simple/${name}/`) response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><a href="/files/${file}">${file}</a>`);
    else if (url === `/files/${file}`) response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(wheel);
    else response.writeHead(404).end();
  });
  // The engine's bridge is an interface of this machine: only containers and this machine reach what listens there.
  const bridge = (await ask(network, '/networks/bridge')).Options['com.docker.network.bridge.name'] ?? 'docker0';
  const host = networkInterfaces()[bridge]?.find(({ family }) => family === 'IPv4')?.address;
  if (host === undefined) throw new Error(`the engine's bridge ${bridge} has no address on this machine`);
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
