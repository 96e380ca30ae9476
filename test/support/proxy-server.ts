/** A forward proxy that asks for a password, on an address that containers reach. */
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { bridgeAddress } from './index-server.js';

export interface PasswordProxy {
  /** With user and password, as people set HTTPS_PROXY. */
  readonly url: string;
  readonly password: string;
  /** Hosts that were asked for with the password, and how often it was missing. */
  readonly passed: ReadonlySet<string>;
  readonly refused: () => number;
  close(): Promise<void>;
}

export async function servePasswordProxy(): Promise<PasswordProxy> {
  const password = `pr0xy-${Math.random().toString(36).slice(2)}`;
  const wanted = `Basic ${Buffer.from(`ci:${password}`).toString('base64')}`;
  const passed = new Set<string>();
  const sockets = new Set<Duplex>();
  let refused = 0;
  const isAllowed = ({ headers }: IncomingMessage, host: string): boolean => {
    const allowed = headers['proxy-authorization'] === wanted;
    if (allowed) passed.add(host);
    else refused += 1;
    return allowed;
  };
  const keep = (socket: Duplex): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((asked, answer) => {
    const url = new URL(asked.url ?? '');
    if (!isAllowed(asked, url.hostname)) return void answer.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
    const { 'proxy-authorization': _password, 'proxy-connection': _hop, ...headers } = asked.headers;
    const onward = request(url, { method: asked.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    asked.pipe(onward);
  });
  server.on('connect', (asked, client: Duplex, head) => {
    keep(client);
    const [host = '', port = '443'] = (asked.url ?? '').split(':');
    if (!isAllowed(asked, host)) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n');
    const onward = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(client);
      client.pipe(onward);
    });
    keep(onward);
    onward.on('error', () => client.destroy());
  });
  const host = await bridgeAddress();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  const address = server.address();
  return {
    url: `http://ci:${password}@${host}:${typeof address === 'object' && address ? address.port : 0}`,
    password,
    passed,
    refused: () => refused,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
