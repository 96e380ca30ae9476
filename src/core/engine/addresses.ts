/** From an engine's URL to what a connection is made to. */
import { UserError } from '../errors.js';
import type { TlsFiles } from './docker-config.js';

/** What is dialled. */
export type DialAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined };

/** One over ssh is dialled through a tunnel, whose end here is a socket. */
export type EngineAddress = DialAddress | { readonly kind: 'ssh'; readonly destination: SshDestination };

/** What the user's own `ssh` is told; anything else comes from its configuration. */
export interface SshDestination {
  readonly user: string | undefined;
  /** A name of `~/.ssh/config`, a host or an address. */
  readonly host: string;
  readonly port: number | undefined;
  /** The engine's socket on that machine, where the URL names it. */
  readonly path: string | undefined;
}

export type ParsedUrl =
  | { readonly scheme: 'unix' | 'npipe'; readonly path: string; readonly text: string }
  | { readonly scheme: 'tcp' | 'https'; readonly host: string; readonly port: number; /** Without credentials, for messages. */ readonly text: string }
  | { readonly scheme: 'ssh'; readonly destination: SshDestination; readonly text: string };

/** True for what names an address and not a context: contexts hold no `/` and no `:`. */
export function looksLikeUrl(value: string): boolean {
  return /[/:]/.test(value);
}

/** @param source for the error, as in `Endpoint`. */
export function parseEngineUrl(value: string, source: string): ParsedUrl {
  const socket = /^(unix|npipe):\/\/(.+)$/.exec(value);
  if (socket) return { scheme: socket[1] === 'npipe' ? 'npipe' : 'unix', path: socket[2] ?? '', text: value };
  if (value.startsWith('/')) return { scheme: 'unix', path: value, text: `unix://${value}` };
  // As `tcp:`, for which no port is the default one: an explicit 80 or 443 must not get lost.
  const url = tryUrl(value.includes('://') ? value.replace(/^https?:/i, 'tcp:') : `tcp://${value}`);
  if (!url || url.hostname === '') throw badUrl(value, source);
  if (url.protocol === 'ssh:') return sshUrl(url, source);
  if (url.protocol !== 'tcp:') throw badUrl(value, source);
  const scheme = /^https:/i.test(value) ? 'https' : 'tcp';
  // 2375 and 2376: IANA's ports for Docker without and with TLS.
  const port = url.port === '' ? (scheme === 'https' ? 2376 : 2375) : Number(url.port);
  return { scheme, host: url.hostname.replace(/^\[|\]$/g, ''), port, text: `${scheme}://${url.hostname}:${port}` };
}

function tryUrl(value: string): URL | undefined {
  try {
    return new URL(value);
  } catch {
    return undefined;
  }
}

/**
 * Narrow on purpose: host and user become arguments of `ssh` (a leading `-` would be an option) and, through `%h` and `%r` of a
 * ProxyCommand, words of a shell (CVE-2023-51385); the path becomes a word of the other machine's shell.
 */
const SSH_HOST = /^(?:[A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+(?:%25[\w.-]+)?\])$/;
const SSH_USER = /^[A-Za-z0-9_][\w.@+-]*$/;
const SSH_PATH = /^\/[\w./@+~-]+$/;

function sshUrl(url: URL, source: string): ParsedUrl {
  const user = decoded(url.username);
  const path = decoded(url.pathname);
  const port = url.port === '' ? undefined : Number(url.port);
  const text = `ssh://${user === '' ? '' : `${url.username}@`}${url.hostname}${port === undefined ? '' : `:${port}`}${path === '/' ? '' : url.pathname}`;
  if (url.password !== '') {
    throw new UserError({
      kind: 'engine',
      code: 'engine-url-invalid',
      message: `The address ${text} (${source}) has a password in it, which ssh takes from nobody`,
      fix: 'Leave the password out, and give ssh a key: ssh-add, or IdentityFile in ~/.ssh/config',
    });
  }
  const isValid =
    SSH_HOST.test(url.hostname) && (user === '' || SSH_USER.test(user)) && (path === '' || path === '/' || SSH_PATH.test(path)) && !url.search && !url.hash;
  if (!isValid) throw badUrl(text, source);
  return {
    scheme: 'ssh',
    destination: {
      user: user === '' ? undefined : user,
      host: decoded(url.hostname.replace(/^\[|\]$/g, '')),
      port,
      path: path === '' || path === '/' ? undefined : path,
    },
    text,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function badUrl(value: string, source: string): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-url-invalid',
    message: `"${value.replace(/\/\/[^/@]*@/, '//')}" is not the address of an engine (${source})`,
    fix: 'Write unix:///path/to/docker.sock, tcp://HOST:PORT, ssh://USER@HOST, or the name of a Docker context',
  });
}
