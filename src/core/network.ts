/**
 * The host's private certificate authority, proxies and package indexes: what a build or a container needs to reach the
 * network as the host does, while it runs. None of it may reach a layer, a label, an image's history or a log.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { certificatesOf } from './certificates.js';
import { SECRETS_FOLDER } from './engine/engine.js';
import type { PackedFile } from './engine/tar.js';
import { UserError, messageOf } from './errors.js';
import type { Redactor } from './redactor.js';

export interface Network {
  /** Certificates in PEM, and nothing else; undefined when the host names none. */
  readonly ca: string | undefined;
  /** By their lower-case names: `http_proxy` … */
  readonly proxies: Readonly<Record<string, string>>;
  /** A pip.conf with what may be passed on; undefined when there is nothing. */
  readonly pipConf: string | undefined;
  /** Passwords of the package indexes; undefined when there are none. */
  readonly netrc: string | undefined;
  /** Sentences that a person should see: what was named and cannot be used. */
  readonly notes: readonly string[];
}

/** Of a job that asks nobody. */
export const NO_NETWORK: Network = { ca: undefined, proxies: {}, pipConf: undefined, netrc: undefined, notes: [] };

type Env = Readonly<Record<string, string | undefined>>;

/** Ids of the secrets of a build: `RUN --mount=type=secret,id=…`; they appear under /run/secrets/ID. */
export const CA_SECRET = 'pypackage-ca';
export const PIP_CONF_SECRET = 'pypackage-pip-conf';
export const NETRC_SECRET = 'pypackage-netrc';
export const PROXIES_SECRET = 'pypackage-proxies';

/** Names of a job's secrets. */
const JOB = { ca: 'ca.pem', pipConf: 'pip.conf', netrc: 'netrc', proxies: 'proxies.sh' } as const;

/** In this order; all that are there count, as each makes some tool of the host trust something. */
const CA_VARIABLES = ['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'] as const;

/** What tools inside a container read. cargo, git, Node and curl take part in builds of wheels, too. */
const CA_READERS = ['PIP_CERT', 'SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'CARGO_HTTP_CAINFO', 'NODE_EXTRA_CA_CERTS'] as const;

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy'] as const;

/** The allow-list: other `PIP_*` variables may hold paths of the host. https://pip.pypa.io/en/stable/topics/configuration/ */
const PIP_OPTIONS = [
  ['PIP_INDEX_URL', 'index-url'],
  ['PIP_EXTRA_INDEX_URL', 'extra-index-url'],
  ['PIP_TRUSTED_HOST', 'trusted-host'],
  ['PIP_DEFAULT_TIMEOUT', 'timeout'],
  ['PIP_RETRIES', 'retries'],
] as const;

export async function readNetwork(env: Env): Promise<Network> {
  const notes: string[] = [];
  const ca = await readAuthorities(env, notes);
  const proxies = readProxies(env, notes);
  return { ca, proxies, ...pipSettings(env), notes };
}

/** Passwords and tokens in the settings that are read here. */
export function learnSecrets(env: Env, redactor: Redactor): void {
  const proxies = PROXY_VARIABLES.flatMap((name) => [env[name], env[name.toUpperCase()]]);
  redactor.addUrls(...[...proxies, ...PIP_OPTIONS.map(([variable]) => env[variable])].flatMap((value) => (value ?? '').split(/\s+/)));
}

/** Secrets for `BuildRequest.secrets`. */
export function buildSecrets(network: Network): ReadonlyMap<string, Uint8Array> {
  const secrets = new Map<string, Uint8Array>();
  if (network.ca !== undefined) secrets.set(CA_SECRET, authorities(network.ca));
  if (network.pipConf !== undefined) secrets.set(PIP_CONF_SECRET, Buffer.from(network.pipConf));
  if (network.netrc !== undefined) secrets.set(NETRC_SECRET, Buffer.from(network.netrc));
  const proxies = proxyExports(network);
  if (proxies !== undefined) secrets.set(PROXIES_SECRET, Buffer.from(proxies));
  return secrets;
}

/** moby/buildkit session/secrets/secretsprovider/store.go */
const MAX_SECRET_SIZE = 500 * 1024;

/** Mozilla's whole set takes 220 KB in this form, so this takes a bundle of some other kind. */
function authorities(ca: string): Uint8Array {
  const content = Buffer.from(ca);
  if (content.length <= MAX_SECRET_SIZE) return content;
  throw new UserError({
    kind: 'project',
    code: 'network-ca-too-large',
    message: `The certificate authorities of this machine take ${Math.ceil(content.length / 1024)} KB, and a build can be given ${MAX_SECRET_SIZE / 1024} KB`,
    why: `They were read from the files that ${CA_VARIABLES.join(', ')} name`,
    fix: 'Let these variables name a smaller file, with the authorities that are needed',
  });
}

/**
 * For a shell to read, in both cases. A proxy may hold a password: as a build argument or a container's environment it would be shown by
 * whatever inspects the engine.
 */
function proxyExports({ proxies }: Network): string | undefined {
  const lines = Object.entries(proxies).map(([name, value]) => `export ${name}=${quoted(value)} ${name.toUpperCase()}=${quoted(value)}\n`);
  return lines.length === 0 ? undefined : lines.join('');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** For `JobRequest.secrets`; readable by any user in the container. */
export function jobSecrets(network: Network): readonly PackedFile[] {
  const files: PackedFile[] = [];
  if (network.ca !== undefined) files.push({ path: JOB.ca, content: network.ca, mode: 0o444 });
  if (network.pipConf !== undefined) files.push({ path: JOB.pipConf, content: network.pipConf, mode: 0o444 });
  if (network.netrc !== undefined) files.push({ path: JOB.netrc, content: network.netrc, mode: 0o444 });
  const proxies = proxyExports(network);
  if (proxies !== undefined) files.push({ path: JOB.proxies, content: proxies, mode: 0o444 });
  return files;
}

/** The command of a container that gets `jobSecrets`. */
export function jobCommand(network: Network, command: readonly string[]): readonly string[] {
  return proxyExports(network) === undefined ? command : ['/bin/sh', '-c', `. ${inJob('proxies')} && exec "$@"`, 'sh', ...command];
}

function inJob(secret: keyof typeof JOB): string {
  return `${SECRETS_FOLDER}/${JOB[secret]}`;
}

/** Environment of a container that gets `jobSecrets`. */
export function jobEnv(network: Network): Readonly<Record<string, string>> {
  return {
    ...(network.ca !== undefined && Object.fromEntries(CA_READERS.map((name) => [name, inJob('ca')]))),
    ...(network.pipConf !== undefined && { PIP_CONFIG_FILE: inJob('pipConf') }),
    ...(network.netrc !== undefined && { NETRC: inJob('netrc') }),
  };
}

async function readAuthorities(env: Env, notes: string[]): Promise<string | undefined> {
  const files = new Map<string, string>();
  for (const variable of CA_VARIABLES) {
    const file = env[variable];
    if (file && !files.has(resolve(file))) files.set(resolve(file), variable);
  }
  const found = new Set<string>();
  let onlyExtra = true;
  for (const [file, variable] of files) {
    try {
      const certificates = certificatesOf(await readFile(file, 'utf8'));
      if (certificates.length === 0) notes.push(`${variable} names ${file}, which holds no certificates; it is not used`);
      else onlyExtra &&= variable === 'NODE_EXTRA_CA_CERTS';
      for (const certificate of certificates) found.add(certificate);
    } catch (error) {
      notes.push(`${variable} names ${file}, which cannot be read (${messageOf(error)}); it is not used`);
    }
  }
  if (found.size === 0) return undefined;
  // Node adds this one to Mozilla's authorities; what pip and the others read takes their place.
  if (onlyExtra) for (const certificate of rootCertificates) for (const clean of certificatesOf(certificate)) found.add(clean);
  return `${[...found].join('\n')}\n`;
}

function readProxies(env: Env, notes: string[]): Record<string, string> {
  const proxies: Record<string, string> = {};
  for (const name of PROXY_VARIABLES) {
    // The lower-case form wins, as in curl and Python.
    const value = env[name] || env[name.toUpperCase()];
    if (!value) continue;
    proxies[name] = value;
    if (name !== 'no_proxy' && isThisMachine(value)) {
      notes.push(`${name} names this machine itself (${hostOf(value)}), which containers do not reach under that name`);
    }
  }
  return proxies;
}

function isThisMachine(proxy: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(hostOf(proxy));
}

function hostOf(proxy: string): string {
  try {
    return new URL(proxy.includes('://') ? proxy : `http://${proxy}`).hostname;
  } catch {
    return '';
  }
}

/**
 * pip's configuration file is INI; several values of one option stand on lines of their own. pip hands the addresses of indexes to processes
 * of its own as arguments, which everybody on the engine's machine can read: passwords go into a netrc file, where pip looks, too.
 * https://pip.pypa.io/en/stable/topics/authentication/#netrc-support
 */
function pipSettings(env: Env): Pick<Network, 'pipConf' | 'netrc'> {
  const logins = new Map<string, string>();
  const lines = PIP_OPTIONS.flatMap(([variable, option]) => {
    const values = (env[variable] ?? '').split(/\s+/).filter(Boolean);
    const shown = values.map((value) => withoutLogin(value, logins));
    return shown.length === 0 ? [] : [`${option} = ${shown.join('\n    ')}`];
  });
  return {
    pipConf: lines.length === 0 ? undefined : `[global]\n${lines.join('\n')}\n`,
    netrc: logins.size === 0 ? undefined : [...logins].map(([host, login]) => `machine ${host} ${login}\n`).join(''),
  };
}

/** What can stand in a netrc file as it is, for every version of Python's reader. */
const PLAIN_WORD = /^[\w!$%&()*+,./:;<=>?@[\]^`{|}~-]+$/;

/** The address as it was where the login cannot be told by its host alone. */
function withoutLogin(value: string, logins: Map<string, string>): string {
  if (!/^https?:\/\/[^/]*@/i.test(value) || !URL.canParse(value)) return value;
  const url = new URL(value);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  // A token without a password is a user without one.
  const login = `login ${user} password ${password === '' ? '""' : password}`;
  const known = logins.get(url.hostname);
  if (!PLAIN_WORD.test(user) || (password !== '' && !PLAIN_WORD.test(password)) || (known !== undefined && known !== login)) return value;
  logins.set(url.hostname, login);
  return value.replace(/^(https?:\/\/)[^/]*@/i, '$1');
}
