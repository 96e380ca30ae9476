/** What goes wrong between us and an engine, in words a person can act on. */
import { CancelledError, UserError, messageOf } from '../errors.js';
import type { Endpoint } from './engine.js';

/** The engine answered, and said no. */
export class EngineRefusal extends UserError {
  /** @param what completes `The engine refused to …`. */
  constructor(
    what: string,
    readonly status: number,
    readonly reason: string,
  ) {
    super({ kind: 'engine', code: 'engine-refused', message: `The engine refused to ${what}: ${reason}` });
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isMissing(error: unknown): boolean {
  return error instanceof EngineRefusal && error.status === 404;
}

const FILE_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EISDIR', 'ENOTDIR']);

/** True for what Node says when a connection breaks off or cannot be made, before it was put into words. */
function isConnectionError(error: unknown): boolean {
  // What is read from or written to files on the way has other reasons.
  if (FILE_CODES.has(codeOf(error))) return false;
  return error instanceof Error && (codeOf(error) !== '' || error.message === 'aborted' || error.message === 'socket hang up');
}

/** Errors that are already in words stay; those of a connection get them; anything else is a defect and stays. */
export function explain(error: unknown, endpoint: Endpoint, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return new CancelledError();
  if (error instanceof UserError || error instanceof CancelledError) return error;
  if (!isConnectionError(error)) return error;
  // Of a tunnel that broke off only its socket is seen, which is not there any more; what it ended of is known a moment later.
  if (endpoint.tunnel) return endpoint.tunnel.ended() ?? connectionLost(endpoint, error);
  return connectionProblem(error, endpoint);
}

export function connectionLost(endpoint: Endpoint, cause: unknown): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-connection-lost',
    message: `The connection to the engine at ${endpoint.url} broke off`,
    ...(cause instanceof Error && { why: cause.message }),
    fix: 'Check that the engine still runs (docker info), then run it again; what was finished is kept',
    cause,
  });
}

export function noAnswer(endpoint: Endpoint, seconds: number, cause: unknown): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-unreachable',
    message: `The engine at ${endpoint.url} did not answer within ${seconds} s`,
    why: sourceOf(endpoint),
    fix: 'Check that it runs and is not stuck (docker info)',
    cause,
  });
}

/** What `connect`, and any later request, failed with. */
export function connectionProblem(error: unknown, endpoint: Endpoint): UserError {
  const code = codeOf(error);
  const about = { kind: 'engine' as const, cause: error };
  const why = `${sourceOf(endpoint)}; ${messageOf(error)}`;
  if (isTlsCode(code)) return tlsProblem(error, endpoint);
  switch (code) {
    case 'ENOENT':
      return new UserError({
        ...about,
        code: 'engine-no-socket',
        message: `No engine listens at ${endpoint.url}: there is no such socket`,
        why,
        fix: startHint(),
      });
    case 'EACCES':
    case 'EPERM':
      return new UserError({
        ...about,
        code: 'engine-no-permission',
        message: `This user has no permission to use the engine at ${endpoint.url}`,
        why,
        fix: permissionHint(endpoint),
      });
    case 'ECONNREFUSED':
      return new UserError({ ...about, code: 'engine-not-running', message: `The engine at ${endpoint.url} is not running`, why, fix: startHint(endpoint) });
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return new UserError({
        ...about,
        code: 'engine-unreachable',
        message: `The engine at ${endpoint.url} cannot be reached`,
        why,
        fix: 'Check the address, the network and the VPN',
      });
    default:
      return code.startsWith('HPE_') ? notAnEngine(endpoint, messageOf(error)) : connectionLost(endpoint, error);
  }
}

export function notAnEngine(endpoint: Endpoint, answer: string): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-not-an-engine',
    message: `What listens at ${endpoint.url} is not a container engine`,
    why: `${sourceOf(endpoint)}; it answered: ${answer.slice(0, 200)}`,
    fix: 'Name the socket or address of Docker',
  });
}

export function tlsProblem(error: unknown, endpoint: Endpoint): UserError {
  return new UserError({
    kind: 'engine',
    code: 'engine-tls',
    message: `The engine at ${endpoint.url} and this machine do not agree on TLS`,
    why: `${sourceOf(endpoint)}; ${tlsReason(error)}`,
    fix: 'Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem for this engine, or use a Docker context that has them',
    cause: error,
  });
}

function tlsReason(error: unknown): string {
  switch (codeOf(error)) {
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      return 'it asks for a client certificate, and none was given';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate was not issued by the authority in ca.pem';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `its certificate is for another host (${messageOf(error)})`;
    default:
      return messageOf(error);
  }
}

function isTlsCode(code: string): boolean {
  return /^(ERR_SSL_|ERR_TLS_|ERR_OSSL|EPROTO|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_|UNABLE_TO_(GET|VERIFY|DECRYPT))/.test(code);
}

export function sourceOf(endpoint: Endpoint): string {
  return `chosen by ${endpoint.source}`;
}

/** Why, without who chose it. */
export function reasonOf({ why, message }: UserError): string {
  return why?.replace(/^chosen by [^;]*; /, '') ?? message;
}

/** @param endpoint for one on this machine: none */
export function startHint(endpoint?: Endpoint): string {
  if (endpoint && !/^(unix|npipe):/.test(endpoint.url)) return 'Check the address and the port, and that the engine listens there';
  return process.platform === 'linux' ? 'Start it: sudo systemctl start docker' : 'Start Docker Desktop, or the engine you use';
}

function permissionHint(endpoint: Endpoint): string {
  if (!endpoint.url.startsWith('unix:')) return 'Ask for access to it';
  return 'Join its group: sudo usermod -aG docker "$USER", then log in again or run: newgrp docker';
}
