/** Package indexes that are there and not well, on an address that containers reach. */
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { bridgeAddress, wheelOf } from './index-server.js';

export interface SickIndex {
  readonly url: string;
  readonly host: string;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export type Sickness =
  /** Accepts every connection and says nothing. */
  | 'silent'
  | 'unavailable'
  /** Every file ends in the middle. */
  | 'half';

export async function serveSickIndex(sickness: Sickness): Promise<SickIndex> {
  const asked: string[] = [];
  const listener: RequestListener = ({ url = '' }, response) => {
    asked.push(url);
    if (sickness === 'silent') return;
    const name = /^\/simple\/([^/]+)\/$/.exec(url)?.[1];
    if (sickness === 'unavailable') response.writeHead(503, { 'content-type': 'text/plain' }).end('back soon\n');
    else if (name !== undefined) response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><a href="/files/${wheelOf(name).file}">x</a>`);
    else {
      const { content } = wheelOf(/^\/files\/(.+)-1\.0-/.exec(url)?.[1] ?? 'x');
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': content.length });
      response.write(content.subarray(0, content.length / 2), () => response.destroy());
    }
  };
  const server = createServer(listener);
  const host = await bridgeAddress();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://${host}:${port}/simple`,
    host,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
