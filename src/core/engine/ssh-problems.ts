/** What goes wrong between us and an engine behind ssh, from ssh's own words. */
import { UserError } from '../errors.js';
import type { SshDestination } from './addresses.js';
import type { Endpoint } from './engine.js';
import { sourceOf } from './problems.js';

export interface SshHost {
  readonly endpoint: Endpoint;
  readonly destination: SshDestination;
  /** As ssh's configuration resolves it. */
  readonly name: string;
  readonly port: number;
  /** The user's configuration takes the key of a host that it never saw. */
  readonly acceptsNew: boolean;
}

/** @param code of ssh; undefined where it was not that which ended. */
export function sshProblem(host: SshHost, words: readonly string[], code: number | null | undefined): UserError {
  const text = words.join('\n');
  const { endpoint } = host;
  const about = { kind: 'engine' as const, cause: new Error(text) };
  const why = `${sourceOf(endpoint)}; ${lastWords(words, code)}`;
  if (/HOST IDENTIFICATION HAS CHANGED/.test(text)) {
    const [, file] = /^Offending .* key in (.+:\d+)$/m.exec(text) ?? [];
    return new UserError({
      ...about,
      code: 'engine-ssh-host-key-changed',
      message: `The host key of ${host.destination.host} has changed, and the connection was refused: somebody may be in between`,
      why: `${sourceOf(endpoint)}; ${file === undefined ? 'it is not the key in known_hosts' : `the key that is known is in ${file}`}`,
      fix: `Ask who runs ${host.destination.host}. Only if you know why it changed: ssh-keygen -R ${knownAs(host)}, then connect once by hand: ${sshCommand(host.destination)}`,
    });
  }
  if (/^Host key verification failed/m.test(text)) {
    return new UserError({
      ...about,
      code: 'engine-ssh-host-unknown',
      message: `${host.destination.host} is not among the hosts that ssh knows, so nobody can say whether it is the right one`,
      why: sourceOf(endpoint),
      fix: `Connect once by hand and compare the fingerprint of its key: ${sshCommand(host.destination)}`,
    });
  }
  if (/Permission denied \(|Too many authentication failures/.test(text)) {
    return new UserError({
      ...about,
      code: 'engine-ssh-denied',
      message: `${host.destination.host} does not let ${host.destination.user ?? 'this user'} in over ssh`,
      why,
      fix: `Give ssh a key that ${host.destination.host} accepts (ssh-add, or IdentityFile in ~/.ssh/config), and try it: ${sshCommand(host.destination)} true`,
    });
  }
  if (/Could not resolve hostname|Connection (refused|timed out)|No route to host|Network is unreachable|Operation timed out/.test(text)) {
    return new UserError({
      ...about,
      code: 'engine-unreachable',
      message: `The engine at ${endpoint.url} cannot be reached`,
      why,
      fix: 'Check the name, the port, the network and the VPN',
    });
  }
  return new UserError({
    ...about,
    code: 'engine-ssh-failed',
    message: `The ssh connection to ${host.destination.host} for the engine at ${endpoint.url} failed`,
    why,
    fix: `Try it by hand: ${sshCommand(host.destination)} true`,
  });
}

export function noProgram(endpoint: Endpoint): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-ssh-no-program',
    message: `The engine at ${endpoint.url} is reached over ssh, and there is no program ssh on this machine`,
    why: sourceOf(endpoint),
    fix: 'Install OpenSSH (Debian and Ubuntu: sudo apt install openssh-client)',
  });
}

export function notOnWindows(endpoint: Endpoint): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-ssh-on-windows',
    message: `The engine at ${endpoint.url} is reached over ssh, which is not supported on Windows: its ssh cannot forward sockets`,
    why: sourceOf(endpoint),
    fix: 'Work in WSL, or reach the engine over TCP with TLS',
  });
}

export function tooSlow({ endpoint, destination }: SshHost, words: readonly string[], seconds: number): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-unreachable',
    message: `${destination.host} did not let us in over ssh within ${seconds} s`,
    why: [sourceOf(endpoint), ...words.slice(-1)].join('; '),
    fix: `Try it by hand: ${sshCommand(destination)} true`,
  });
}

/** @param seen lines of find-socket.sh: `absent PATH`, `denied PATH`. */
export function noSocket({ endpoint, destination }: SshHost, seen: readonly string[]): UserError {
  const denied = seen.find((line) => line.startsWith('denied '))?.slice('denied '.length);
  const user = destination.user ?? 'the user';
  if (denied !== undefined) return noPermission(endpoint, destination.host, user, denied);
  const places = [...new Set(seen.map((line) => line.slice(line.indexOf(' ') + 1)))];
  return new UserError({
    kind: 'engine',
    code: 'engine-ssh-no-engine',
    message: `${destination.host} lets us in over ssh, but no engine was found there`,
    why: `${sourceOf(endpoint)}; there is no socket at ${places.join(', ')}`,
    fix: 'Start the engine there, or put its socket into the address: ssh://USER@HOST/path/to/docker.sock',
  });
}

/**
 * What became of the connection through the tunnel; undefined when ssh said nothing about it. OpenSSH says the same of a socket that nobody
 * listens at and of a server that forwards none.
 */
export function forwardProblem({ endpoint, destination }: SshHost, words: readonly string[]): UserError | undefined {
  const line = words.findLast((word) => /open failed/.test(word));
  if (line === undefined) return undefined;
  return new UserError({
    kind: 'engine',
    code: 'engine-ssh-forwarding',
    message: `${destination.host} lets us in over ssh, but leads no further to the socket of its engine`,
    why: `${sourceOf(endpoint)}; ${line}`,
    fix: `Check that the engine runs there (systemctl status docker), and that ${destination.host}'s sshd_config has AllowStreamLocalForwarding yes`,
  });
}

export function tunnelEnded({ endpoint, destination }: SshHost, words: readonly string[], code: number | null): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-connection-lost',
    message: `The connection to the engine at ${endpoint.url} broke off`,
    why: lastWords(words, code),
    fix: `Check the network and that ${destination.host} is up, then run it again; what was finished is kept`,
  });
}

function noPermission(endpoint: Endpoint, host: string, user: string, socket: string): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-no-permission',
    message: `On ${host}, ${user} has no permission to use the engine at ${socket}`,
    why: sourceOf(endpoint),
    fix: `Have an administrator of ${host} run: sudo usermod -aG docker ${user === 'the user' ? 'USER' : user}`,
  });
}

function lastWords(words: readonly string[], code: number | null | undefined): string {
  const last = words.slice(-2).join('; ');
  if (last !== '') return last;
  return code === null || code === undefined ? 'ssh was stopped' : `ssh ended with exit code ${code}`;
}

/** To be typed. */
export function sshCommand({ user, host, port }: SshDestination): string {
  return `ssh ${port === undefined ? '' : `-p ${port} `}${user === undefined ? '' : `${user}@`}${host}`;
}

/** As known_hosts writes it; quoted, as brackets mean something to a shell. */
function knownAs({ name, port }: SshHost): string {
  return port === 22 ? name : `'[${name}]:${port}'`;
}
