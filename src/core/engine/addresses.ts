/** From an engine's URL to what a connection is made to. */
import { UserError } from '../errors.js';
import type { TlsFiles } from './docker-config.js';

export type EngineAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined };

export interface ParsedUrl {
  readonly scheme: 'unix' | 'npipe' | 'tcp' | 'https';
  /** Of a socket or pipe. */
  readonly path: string;
  readonly host: string;
  readonly port: number;
  /** Without credentials, for messages. */
  readonly text: string;
}

/** True for what names an address and not a context: contexts hold no `/` and no `:`. */
export function looksLikeUrl(value: string): boolean {
  return /[/:]/.test(value);
}

/** @param source for the error, as in `Endpoint`. */
export function parseEngineUrl(value: string, source: string): ParsedUrl {
  const socket = /^(unix|npipe):\/\/(.+)$/.exec(value);
  if (socket) {
    const scheme = socket[1] === 'npipe' ? 'npipe' : 'unix';
    return { scheme, path: socket[2] ?? '', host: '', port: 0, text: value };
  }
  if (value.startsWith('/')) return { scheme: 'unix', path: value, host: '', port: 0, text: `unix://${value}` };
  const url = tryUrl(value.includes('://') ? value : `tcp://${value}`);
  if (!url || url.hostname === '') throw badUrl(value, source);
  if (url.protocol === 'ssh:') throw sshUnsupported(url, source);
  if (url.protocol !== 'tcp:' && url.protocol !== 'http:' && url.protocol !== 'https:') throw badUrl(value, source);
  const scheme = url.protocol === 'https:' ? 'https' : 'tcp';
  // 2375 and 2376: IANA's ports for Docker without and with TLS.
  const port = url.port === '' ? (scheme === 'https' ? 2376 : 2375) : Number(url.port);
  return { scheme, path: '', host: url.hostname.replace(/^\[|\]$/g, ''), port, text: `tcp://${url.hostname}:${port}` };
}

function tryUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

function badUrl(value: string, source: string): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-url-invalid',
    message: `"${value.replace(/\/\/[^/@]*@/, '//')}" is not the address of an engine (${source})`,
    fix: 'Write unix:///path/to/docker.sock, tcp://HOST:PORT, or the name of a Docker context',
  });
}

function sshUnsupported(url: URL, source: string): UserError {
  const where = `${url.username === '' ? '' : `${url.username}@`}${url.hostname}`;
  const port = url.port === '' ? '' : `-p ${url.port} `;
  return new UserError({
    kind: 'engine',
    code: 'engine-ssh-unsupported',
    message: `The engine at ssh://${where} (${source}) is reached over ssh, which is not supported yet`,
    fix: `Forward its socket: ssh ${port}-N -L /tmp/docker-remote.sock:/var/run/docker.sock ${where}, and use unix:///tmp/docker-remote.sock`,
  });
}
