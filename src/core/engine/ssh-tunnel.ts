/**
 * An engine on another machine, through the user's own `ssh`: its agent, `~/.ssh/config`, ProxyJump and known hosts count, and one
 * connection carries everything. It is a control master whose remote command finds the engine's socket and then waits. However
 * this process dies, the connection ends with it, and so do the remote command and the folder of its sockets.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { CancelledError, UserError, messageOf } from '../errors.js';
import type { DialAddress, SshDestination } from './addresses.js';
import type { Env } from './docker-config.js';
import type { Endpoint, Engine } from './engine.js';
import FIND_SOCKET from './find-socket.sh';
import { codeOf } from './problems.js';
import { forwardProblem, noProgram, noSocket, notOnWindows, sshProblem, tooSlow, tunnelEnded } from './ssh-problems.js';
import type { SshHost } from './ssh-problems.js';

export interface SshRequest {
  readonly endpoint: Endpoint;
  readonly destination: SshDestination;
  readonly env: Env;
  readonly signal: AbortSignal | undefined;
}

/** What is dialled in the engine's place. */
export interface Through {
  readonly endpoint: Endpoint;
  readonly address: DialAddress;
  readonly onClose: () => void;
}

/** Longer than ssh's own limit for connecting: keys may ask for a touch. */
const OPEN_MS = 30_000;
const CONTROL_MS = 10_000;
/** How many lines of ssh's are kept. */
const LINES = 20;

export async function connectOverSsh(request: SshRequest, connect: (through: Through) => Promise<Engine>): Promise<Engine> {
  if (process.platform === 'win32') throw notOnWindows(request.endpoint);
  const host = await resolveHost(request);
  const tunnel = new Tunnel(request, host);
  let isUp = false;
  try {
    const path = await tunnel.open();
    isUp = true;
    const endpoint = { ...request.endpoint, tunnel: { host: host.name.includes(':') ? `[${host.name}]` : host.name, ended: () => tunnel.ended } };
    return await connect({ endpoint, address: { kind: 'socket', path }, onClose: () => tunnel.close() });
  } catch (error) {
    tunnel.close();
    throw isUp ? await tunnel.explain(error) : error;
  }
}

/** What ssh makes of the name, by its configuration. Nothing is connected. */
async function resolveHost({ endpoint, destination, env, signal }: SshRequest): Promise<SshHost> {
  const known = { endpoint, destination, name: destination.host, port: destination.port ?? 22, acceptsNew: false };
  try {
    const settings = await ssh(['-G', ...targetOf(destination)], env, signal);
    const setting = (key: string): string | undefined => new RegExp(`^${key} (.+)$`, 'm').exec(settings)?.[1];
    return {
      ...known,
      name: setting('hostname') ?? known.name,
      port: Number(setting('port') ?? known.port),
      acceptsNew: setting('stricthostkeychecking') === 'accept-new',
    };
  } catch (error) {
    if (signal?.aborted) throw new CancelledError();
    throw codeOf(error) === 'ENOENT' ? noProgram(endpoint) : sshProblem(known, messageOf(error).split('\n').slice(1), undefined);
  }
}

function targetOf({ user, host, port }: SshDestination): readonly string[] {
  return [...(port === undefined ? [] : ['-p', String(port)]), ...(user === undefined ? [] : ['-l', user]), '--', host];
}

function ssh(args: readonly string[], env: Env, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('ssh', [...args], { cwd: '/', env: { ...env }, timeout: CONTROL_MS, ...(signal && { signal }) }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}

/** Says the same whatever the other machine's shell is, and lets nobody be asked for anything. */
const OPTIONS = [
  '-T',
  '-x', // no X11
  '-a', // no agent over there
  ...[
    'BatchMode=yes',
    'ClearAllForwardings=yes',
    'ConnectTimeout=10',
    'ControlMaster=yes',
    'ControlPersist=no',
    'LogLevel=INFO',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'ServerAliveCountMax=2',
    'ServerAliveInterval=10',
  ].flatMap((option) => ['-o', option]),
];

/**
 * Ends ssh when descriptor 3 is closed, which the kernel does when this process dies: the end of its input alone does not do it as long as a
 * forwarded connection is open, such as that of a running job. The folder goes with ssh.
 */
const RUN_SSH = `folder=$1; shift
exec 4<&0
ssh "$@" <&4 3<&- 4<&- & ssh=$!
(read -r _ <&3; kill $ssh) 4<&- & guard=$!
wait $ssh; code=$?
kill $guard 2> /dev/null
rm -rf -- "$folder"
exit $code`;

/** ssh binds its control socket under a longer name first, and a socket's path has 104 bytes at most (macOS). */
const LONGEST_FOLDER = 60;

class Tunnel {
  private readonly folder: string;
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly words: string[] = [];
  private readonly gone: Promise<void>;
  private isUp = false;
  private isClosed = false;

  constructor(
    private readonly request: SshRequest,
    private readonly host: SshHost,
  ) {
    this.folder = mkdtempSync(join(Buffer.byteLength(tmpdir()) > LONGEST_FOLDER ? '/tmp' : tmpdir(), 'pypackage-ssh-')); // its mode is 0700
    const { destination, env } = request;
    const checking = ['-o', `StrictHostKeyChecking=${host.acceptsNew ? 'accept-new' : 'yes'}`, '-o', `ControlPath=${join(this.folder, 'c')}`];
    this.child = spawnSsh([this.folder, ...OPTIONS, ...checking, ...targetOf(destination), 'sh -s'], env);
    for (const stream of [this.child.stdin, this.child.stdio[3]]) stream?.on('error', () => undefined); // it may end without reading
    this.child.stderr.setEncoding('utf8');
    let rest = '';
    this.child.stderr.on('data', (chunk: string) => {
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop() ?? '';
      this.words.push(...lines.filter(isTelling));
      this.words.splice(0, this.words.length - LINES);
    });
    this.gone = new Promise((resolve) => this.child.once('close', () => resolve()).once('error', () => resolve()));
  }

  /** The socket that leads to the engine's. */
  async open(): Promise<string> {
    const { signal } = this.request;
    const late = AbortSignal.timeout(OPEN_MS);
    const stop = (): void => this.close();
    for (const one of [signal, late]) one?.addEventListener('abort', stop);
    try {
      if (signal?.aborted) throw new CancelledError();
      const remote = await this.findSocket();
      const local = join(this.folder, 'e');
      // No configuration: it would bring its own forwards. The connection is there already.
      await ssh(
        ['-F', 'none', '-S', join(this.folder, 'c'), '-O', 'forward', '-L', `${local}:${remote}`, '--', this.host.destination.host],
        this.request.env,
      ).catch((error: unknown) => {
        throw sshProblem(this.host, [...this.words, messageOf(error)], undefined);
      });
      this.isUp = true;
      this.keepsProcess(false);
      return local;
    } catch (error) {
      if (signal?.aborted) throw new CancelledError();
      throw late.aborted ? tooSlow(this.host, this.words, OPEN_MS / 1000) : error;
    } finally {
      for (const one of [signal, late]) one?.removeEventListener('abort', stop);
    }
  }

  /** Why, once it broke off. */
  get ended(): UserError | undefined {
    const { exitCode, signalCode } = this.child;
    if (!this.isUp || this.isClosed || (exitCode === null && signalCode === null)) return undefined;
    return tunnelEnded(this.host, this.words, exitCode);
  }

  /** At once, and without a trace: the same way as when this process dies. */
  close(): void {
    this.isClosed = true;
    // Not the others: ssh's last words are still to be read.
    for (const stream of [this.child.stdin, this.child.stdio[3]]) stream?.destroy();
  }

  /** Why the first request failed: ssh says what the other end of the socket only shows as a cut. */
  async explain(error: unknown): Promise<unknown> {
    if (!(error instanceof UserError)) return error;
    this.keepsProcess(true);
    await this.gone;
    return forwardProblem(this.host, this.words) ?? error;
  }

  private findSocket(): Promise<string> {
    const { child, host } = this;
    const { path } = host.destination;
    child.stdin.write(`place=${path ?? ''}\n${FIND_SOCKET}`);
    return new Promise((resolve, reject) => {
      const seen: string[] = [];
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (text + chunk).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const [, what, place] = /^pypackage: (\w+) ?(.*)$/.exec(line) ?? [];
          if (what === 'socket' && place !== undefined && isPath(place)) resolve(place);
          else if (what === 'none') reject(noSocket(host, seen));
          else if (what !== undefined) seen.push(`${what} ${place ?? ''}`);
        }
      });
      child.once('error', (error) => reject(sshProblem(host, [error.message], undefined)));
      child.once('close', (code) => reject(sshProblem(host, this.words, code)));
    });
  }

  /** Whether this process waits for it before it ends. */
  private keepsProcess(isWanted: boolean): void {
    const parts = [this.child, ...this.child.stdio.filter((stream) => stream instanceof Socket)];
    for (const part of parts) {
      if (isWanted) part.ref();
      else part.unref();
    }
  }
}

/** In a session of its own: Ctrl-C in a terminal reaches us, and we still have to clean up on the engine. */
function spawnSsh(args: readonly string[], env: Env): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn('/bin/sh', ['-c', RUN_SSH, 'sh', ...args], {
    cwd: '/',
    detached: true,
    env: { ...env, SSH_ASKPASS_REQUIRE: 'never' },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
}

/** It becomes a part of `-L LOCAL:REMOTE`. */
function isPath(place: string): boolean {
  return /^\/[^\s:\\]+$/.test(place);
}

/** Without what ssh says although nothing is wrong. */
function isTelling(line: string): boolean {
  return line.trim() !== '' && !/^(\*\* |Warning: Permanently added )/.test(line);
}
