/**
 * The host's private certificate authority, proxies and package indexes: what a build or a container needs to reach the
 * network as the host does, while it runs. None of it may reach a layer, a label, an image's history or a log.
 */
import { readFile } from 'node:fs/promises';
import type { IndexConfig } from './config/target-config.js';
import indexFront from './containers/index_front.py';
import { SECRETS_FOLDER } from './engine/engine.js';
import type { PackedFile } from './engine/tar.js';
import { UserError, messageOf } from './errors.js';
import { CA_VARIABLES, readAuthorities } from './network/authorities.js';
import { hostOf } from './network/host.js';
import type { Env, Host } from './network/host.js';
import type { PipFiles } from './network/index-front.js';
import { OFFLINE_PIP, pipFilesOf } from './network/index-front.js';
import type { PackageIndex } from './network/index-list.js';
import { NO_INDEXES, readIndexes, usesKeyring, withKeyring } from './network/indexes.js';
import type { IndexSettings, Indexes } from './network/indexes.js';
import { PIP_VARIABLES, readPipSettings } from './network/pip-settings.js';
import type { Setting } from './network/pip-settings.js';
import type { ProjectIndexes } from './network/project-indexes.js';
import { readProjectIndexes } from './network/project-indexes.js';
import { PROXY_VARIABLES, except, proxyExports, readProxies } from './network/proxies.js';
import type { Proxies } from './network/proxies.js';
import { UV_INDEX_VARIABLES, readUvSettings } from './network/uv-settings.js';
import type { Redactor } from './redactor.js';

export interface Network extends PipFiles {
  /** Certificates in PEM, and nothing else; undefined when the host names none. */
  readonly ca: string | undefined;
  /** Who named them. */
  readonly caSources: readonly string[];
  /** By their lower-case names: `http_proxy` … */
  readonly proxies: Proxies;
  /** Who named each of them. */
  readonly proxySources: Readonly<Record<string, string>>;
  /** A certificate with its key by which pip says who asks; undefined when there is none. */
  readonly clientCert: string | undefined;
  readonly indexes: Indexes;
  /** Folders that dependencies come from where nothing may be asked over the network; undefined where it may. */
  readonly offline: readonly string[] | undefined;
  /** Sentences that a person should see: what was named and cannot be used. */
  readonly notes: readonly string[];
  /** The same with what the user's keyring knows; the keyring is asked once. */
  readonly complete: () => Promise<Network>;
  /** The same with indexes that files of the project name, which were read later. */
  readonly including: (indexes: readonly LaterIndex[]) => Promise<Network>;
}

/** One that a requirements file names. */
export interface LaterIndex {
  readonly name: string;
  readonly url: string;
  /** Normalised names and patterns that are pinned to it. */
  readonly packages: readonly string[];
  /** Whether what is not pinned is looked for there, too. */
  readonly searched: boolean;
  readonly isDefault: boolean;
}

/** Ids of the secrets of a build: `RUN --mount=type=secret,id=…`; they appear under /run/secrets/ID. */
export const CA_SECRET = 'pypackage-ca';
export const PIP_CONF_SECRET = 'pypackage-pip-conf';
export const NETRC_SECRET = 'pypackage-netrc';
export const PROXIES_SECRET = 'pypackage-proxies';
export const CLIENT_CERT_SECRET = 'pypackage-client-cert';
export const INDEXES_SECRET = 'pypackage-indexes';
export const INDEX_FRONT_SECRET = 'pypackage-index-front';

/** Names of a job's secrets. */
const JOB = {
  ca: 'ca.pem',
  pipConf: 'pip.conf',
  netrc: 'netrc',
  proxies: 'proxies.sh',
  clientCert: 'client.pem',
  indexes: 'indexes.json',
  front: 'index_front.py',
} as const;

/** What tools inside a container read. cargo, git, Node with npm, and curl take part in builds of wheels, too; uv reads the one of OpenSSL. */
const CA_READERS = [
  'PIP_CERT',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'NODE_EXTRA_CA_CERTS',
  'npm_config_cafile',
] as const;

/** Of a job that asks nobody. */
export const NO_NETWORK: Network = {
  ca: undefined,
  caSources: [],
  proxies: {},
  proxySources: {},
  clientCert: undefined,
  indexes: NO_INDEXES,
  offline: undefined,
  pipConf: undefined,
  netrc: undefined,
  front: undefined,
  notes: [],
  complete: () => Promise.resolve(NO_NETWORK),
  including: () => Promise.resolve(NO_NETWORK),
};

export interface NetworkQuestion {
  /** Of the project, whose pyproject.toml may name indexes. */
  readonly folder?: string;
  /** Of `pypackage.json`. */
  readonly indexes?: readonly IndexConfig[];
  /** Whether nothing may be asked over the network; pip's `no-index` and UV_OFFLINE say so, too. */
  readonly offline?: boolean;
  /** The export of an earlier run: the last of the folders that wheels come from without a network. */
  readonly wheelhouse?: string;
  /** Where settings for all users lie, if not where this machine has them. */
  readonly shared?: string;
  /** Learns every password that is read. */
  readonly redactor?: Redactor;
}

/** @throws UserError `index-url-invalid`, `index-unknown` */
export async function readNetwork(env: Env, { folder, indexes: config = [], shared, redactor, ...question }: NetworkQuestion = {}): Promise<Network> {
  const host = hostOf(env, shared);
  const [pip, uv, project] = await Promise.all([readPipSettings(host), readUvSettings(host), readProjectIndexes(host, folder)]);
  const authorities = await readAuthorities(host, pip.get('cert'));
  const { proxies, sources: proxySources } = readProxies(host, pip.get('proxy'));
  const clientCert = await readClientCert(host, pip.get('client-cert'));
  const networkOf = async (settings: IndexSettings): Promise<Network> => {
    let completing: Promise<Network> | undefined;
    const networkWith = (indexes: Indexes): Network => {
      const isOffline = (question.offline ?? false) || uv.isOffline || (indexes.isOff && indexes.findLinks.length === 0);
      const files = isOffline ? OFFLINE_PIP : pipFilesOf(indexes);
      if (redactor) learnLogins(indexes, proxies, redactor);
      const asksKeyring = usesKeyring(settings) && !isOffline;
      return {
        ca: authorities?.pem,
        caSources: authorities?.sources ?? [],
        proxies: files.front === undefined ? proxies : except(proxies, '127.0.0.1'),
        proxySources,
        clientCert,
        indexes,
        offline: isOffline ? [...indexes.folders, ...(question.wheelhouse === undefined ? [] : [question.wheelhouse])] : undefined,
        ...files,
        notes: host.notes,
        complete: () => (completing ??= asksKeyring ? withKeyring(host, indexes).then(networkWith) : Promise.resolve(networkWith(indexes))),
        including: (later) => networkOf({ ...settings, project: withLater(settings.project, later) }),
      };
    };
    return networkWith(await readIndexes(host, settings));
  };
  return networkOf({ pip, uv, project, config });
}

/** Those that are known already are the same by their address. */
function withLater({ indexes, pins }: ProjectIndexes, later: readonly LaterIndex[]): ProjectIndexes {
  const named = later.map(({ name, url, searched, isDefault }) => ({ name, url, isDefault, isExplicit: !searched, source: 'requirements of the project' }));
  const pinned = later
    .filter(({ packages }) => packages.length > 0)
    .map(({ name, packages }) => [name, [...new Set([...(pins.get(name) ?? []), ...packages])]] as const);
  return { indexes: [...indexes, ...named], pins: new Map([...pins, ...pinned]) };
}

async function readClientCert({ notes }: Host, setting: Setting | undefined): Promise<string | undefined> {
  const file = setting?.values[0];
  if (!setting || file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    notes.push(`${setting.source} names ${file}, which cannot be read (${messageOf(error)}); it is not used`);
    return undefined;
  }
}

/** Passwords and tokens in the environment. Those in files are learnt when they are read. */
export function learnSecrets(env: Env, redactor: Redactor): void {
  const proxies = PROXY_VARIABLES.flatMap((name) => [env[name], env[name.toUpperCase()]]);
  const indexes = [...PIP_VARIABLES, ...UV_INDEX_VARIABLES].map((variable) => env[variable]);
  const addresses = [...proxies, ...indexes].flatMap((value) => (value ?? '').split(/\s+/));
  redactor.addUrls(...addresses.map((word) => word.replace(/^[\w.-]+=(?=\w+:\/\/)/, '')));
  for (const [name, password] of Object.entries(env)) {
    if (!password || !/^(UV_INDEX|POETRY_HTTP_BASIC)_.+_PASSWORD$/.test(name)) continue;
    redactor.addPair(env[name.replace(/PASSWORD$/, 'USERNAME')] ?? '', password);
  }
}

function learnLogins({ logins, findLinks }: Indexes, proxies: Proxies, redactor: Redactor): void {
  redactor.addUrls(...Object.values(proxies), ...findLinks);
  // Without a password the name is a token.
  for (const { user, password } of logins.values())
    if (password === '') redactor.add(user);
    else redactor.addPair(user, password);
}

/** Which index an address of a package or a file belongs to. */
export function indexOf({ indexes }: Network, url: string): PackageIndex | undefined {
  return indexes.list.find((index) => URL.canParse(url) && new URL(index.url).host === new URL(url).host);
}

/** Secrets for `BuildRequest.secrets`. */
export function buildSecrets(network: Network): ReadonlyMap<string, Uint8Array> {
  const secrets = new Map<string, Uint8Array>();
  const add = (id: string, text: string | undefined): void => {
    if (text !== undefined) secrets.set(id, Buffer.from(text));
  };
  if (network.ca !== undefined) secrets.set(CA_SECRET, authoritiesOf(network.ca));
  add(PIP_CONF_SECRET, network.pipConf);
  add(NETRC_SECRET, network.netrc);
  add(PROXIES_SECRET, proxyExports(network.proxies));
  add(CLIENT_CERT_SECRET, network.clientCert);
  add(INDEXES_SECRET, network.front);
  if (network.front !== undefined) add(INDEX_FRONT_SECRET, indexFront);
  return secrets;
}

/** moby/buildkit session/secrets/secretsprovider/store.go */
const MAX_SECRET_SIZE = 500 * 1024;

/** Mozilla's whole set takes 220 KB in this form, so this takes a bundle of some other kind. */
function authoritiesOf(ca: string): Uint8Array {
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

/** For `JobRequest.secrets`; readable by any user in the container. */
export function jobSecrets(network: Network): readonly PackedFile[] {
  const contents: readonly (readonly [keyof typeof JOB, string | undefined])[] = [
    ['ca', network.ca],
    ['pipConf', network.pipConf],
    ['netrc', network.netrc],
    ['proxies', proxyExports(network.proxies)],
    ['clientCert', network.clientCert],
    ['indexes', network.front],
    ['front', network.front === undefined ? undefined : indexFront],
  ];
  return contents.flatMap(([name, content]) => (content === undefined ? [] : [{ path: JOB[name], content, mode: 0o444 }]));
}

/** The command of a container that gets `jobSecrets`. */
export function jobCommand(network: Network, command: readonly string[]): readonly string[] {
  const first = [
    ...(proxyExports(network.proxies) === undefined ? [] : [`. ${inJob('proxies')}`]),
    ...(network.front === undefined ? [] : [`python3 ${inJob('front')} ${inJob('indexes')}`]),
  ];
  return first.length === 0 ? command : ['/bin/sh', '-c', [...first, 'exec "$@"'].join(' && '), 'sh', ...command];
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
    ...(network.clientCert !== undefined && { PIP_CLIENT_CERT: inJob('clientCert') }),
    ...(network.offline && { PYPACKAGE_OFFLINE: '1' }),
  };
}
