/**
 * A BuildKit session: the engine calls services of ours over a connection that we opened.
 * moby/buildkit session/session.go (client), session/manager.go and session/grpc.go (engine).
 */
import { randomBytes } from 'node:crypto';
import { performServerHandshake } from 'node:http2';
import type { ServerHttp2Session } from 'node:http2';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { EngineApi } from '../api.js';
import { serveGrpc } from './grpc.js';
import type { Handler } from './grpc.js';

export interface SessionOptions {
  /** Stable for one directory of one machine: the engine keeps what it received under this key and asks for changes only. */
  readonly sharedKey: string;
  /** `/package.Service/Method` → handler. */
  readonly services: ReadonlyMap<string, Handler>;
  readonly signal?: AbortSignal | undefined;
}

export interface Session {
  readonly id: string;
  /** Milliseconds since the engine sent something: it checks our health every 1 to 5 s, also while a step prints nothing. */
  quiet(): number;
  close(): Promise<void>;
}

const HEALTH = '/grpc.health.v1.Health/Check';
/** HealthCheckResponse{status: SERVING}. Asked every 1 s (20.10) or 5 s; without it the engine drops the session. */
const SERVING = Uint8Array.of(0x08, 0x01);
const healthCheck: Handler = (call) => call.send(SERVING);

export async function openSession(api: EngineApi, options: SessionOptions): Promise<Session> {
  const id = randomBytes(16).toString('hex');
  const services = new Map(options.services).set(HEALTH, healthCheck);
  const headers = {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'pypackage',
    'X-Docker-Expose-Session-Sharedkey': options.sharedKey,
    // One header line per method (an array), not a list with commas; directories are asked for only when their method is named.
    'X-Docker-Expose-Session-Grpc-Method': [...services.keys()],
  };
  const socket = await api.upgrade({ method: 'POST', path: '/session', headers, what: 'open a build session', signal: options.signal }, 'h2c');
  const http2 = performServerHandshake(socket instanceof TLSSocket ? withoutHandle(socket) : socket, {
    // Patterns arrive as one header per line; Node's default of 128 headers resets the stream beyond that.
    maxHeaderListPairs: 65_536,
    settings: { initialWindowSize: 4 * 1024 * 1024, maxHeaderListSize: 1024 * 1024 },
  });
  serveGrpc(http2, services);
  // The engine hangs up at the end of a build; /build reports what matters, so errors here say nothing new.
  http2.on('error', () => undefined);
  socket.on('error', () => undefined);
  return { id, quiet: quietTime(socket), close: () => closeAll(http2, socket) };
}

/**
 * HTTP/2 on a TLS socket's own handle writes while it reads, which ends the whole process where the write before is still under way
 * (seen with Node 24 and 20.10's engine behind TLS: `TLSWrap::DoWrite … Assertion failed: !current_write_`). Through streams writes wait.
 */
function withoutHandle(socket: TLSSocket): Duplex {
  return Duplex.from({ readable: socket, writable: socket });
}

/** Also counts on when the connection is closed: then nothing comes any more. */
function quietTime(socket: Duplex): () => number {
  let since = performance.now();
  let seen = 0;
  return () => {
    const bytes = socket instanceof Socket ? socket.bytesRead : seen;
    if (bytes !== seen) [seen, since] = [bytes, performance.now()];
    return performance.now() - since;
  };
}

/** destroy(), not close(): close() waits for open calls, and a cancelled build leaves calls open. */
function closeAll(http2: ServerHttp2Session, socket: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed || socket.closed) resolve();
    else socket.once('close', () => resolve());
    http2.destroy();
    socket.destroy();
  });
}
