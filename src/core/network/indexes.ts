/**
 * The package indexes of a run: what the user's settings and the project name, in one list, with logins apart. A repository may name indexes;
 * a login of the user's goes to no host but the one that it is for, whoever names that.
 */
import path from 'node:path';
import type { IndexConfig } from '../config/target-config.js';
import { UserError } from '../errors.js';
import type { Env, Host } from './host.js';
import { PYPI, checkIndexUrl, packagePattern, shownIndex } from './index-list.js';
import type { PackageIndex } from './index-list.js';
import { asksKeyring, askKeyring } from './keyring.js';
import type { Login } from './netrc.js';
import { readNetrc } from './netrc.js';
import { isOn } from './pip-settings.js';
import type { PipSettings } from './pip-settings.js';
import { readPoetryLogins } from './poetry-logins.js';
import type { ProjectIndexes } from './project-indexes.js';
import type { NamedIndex, UvSettings } from './uv-settings.js';

export interface Indexes {
  /** The default one first. */
  readonly list: readonly PackageIndex[];
  /** By the URL of the index, as the list has it. */
  readonly logins: ReadonlyMap<string, Login>;
  /** Whether no index is asked: everything comes from `findLinks` and `folders`. */
  readonly isOff: boolean;
  /** Pages and archives beside the indexes; they may hold a login. */
  readonly findLinks: readonly string[];
  /** Folders of this machine that hold wheels, absolute. */
  readonly folders: readonly string[];
  readonly trustedHosts: readonly string[];
  /** Seconds, and a number of tries, as pip was given them. */
  readonly timeout: string | undefined;
  readonly retries: string | undefined;
}

export const NO_INDEXES: Indexes = {
  list: [],
  logins: new Map(),
  isOff: false,
  findLinks: [],
  folders: [],
  trustedHosts: [],
  timeout: undefined,
  retries: undefined,
};

export interface IndexSettings {
  readonly pip: PipSettings;
  readonly uv: UvSettings;
  readonly project: ProjectIndexes;
  /** Of `pypackage.json`. */
  readonly config: readonly IndexConfig[];
}

interface Candidate extends NamedIndex {
  readonly isOfProject: boolean;
  readonly packages: readonly string[];
}

/** @throws UserError `index-url-invalid`, `index-unknown` */
export async function readIndexes(host: Host, settings: IndexSettings): Promise<Indexes> {
  const { pip } = settings;
  const merged = merge(settings);
  const netrc = await readNetrc(host);
  const named = await readPoetryLogins(host);
  const logins = new Map<string, Login>();
  const list = merged.map((candidate) => {
    const { url, login: own } = withoutLogin(candidate);
    const login = loginFor({ ...candidate, url }, own, { host, netrc, named });
    if (login) logins.set(url, login);
    const { name, isExplicit, packages, source, isOfProject } = candidate;
    return { name, url, isExplicit, packages, source, isOfProject, loginSource: login?.source };
  });
  const links = pip.get('find-links')?.values ?? [];
  return {
    list,
    logins,
    isOff: isOn(pip.get('no-index')?.values[0]),
    findLinks: links.filter((link) => /^https?:\/\//i.test(link)),
    folders: links.flatMap((link) => localFolder(host, link) ?? []),
    trustedHosts: pip.get('trusted-host')?.values ?? [],
    timeout: pip.get('timeout')?.values[0],
    retries: pip.get('retries')?.values[0],
  };
}

/** Whether a keyring is to be asked for the logins that nobody else has. */
export function usesKeyring({ pip, uv }: Pick<IndexSettings, 'pip' | 'uv'>): boolean {
  return asksKeyring(pip.get('keyring-provider')?.values[0]) || asksKeyring(uv.keyringProvider);
}

/** Takes as long as the keyring does: to be called where something is downloaded. */
export async function withKeyring(host: Host, indexes: Indexes): Promise<Indexes> {
  const logins = new Map(indexes.logins);
  await Promise.all(
    indexes.list.map(async (index) => {
      const known = logins.get(index.url);
      if ((known && known.password !== '') || !mayAskFor(index)) return;
      const found = await askKeyring(host, index.url, known?.user);
      if (found) logins.set(index.url, found);
    }),
  );
  return { ...indexes, logins, list: indexes.list.map((index) => ({ ...index, loginSource: logins.get(index.url)?.source })) };
}

/** Who reads the network must not be able to have a password sent without encryption by naming the address so in a repository. */
function mayAskFor({ url, isOfProject }: Pick<PackageIndex, 'url' | 'isOfProject'>): boolean {
  return !isOfProject || url.startsWith('https:');
}

function localFolder({ home, env }: Host, link: string): string | undefined {
  if (link.startsWith('file:')) return URL.canParse(link) ? decodeURIComponent(new URL(link).pathname) : undefined;
  if (/^[a-z][a-z+]+:/i.test(link)) return undefined;
  return path.resolve(env['PWD'] ?? '/', link.replace(/^~(?=\/|$)/, home));
}

/** Of all that was named: each address and each name once, the user's before the project's, the default one first. */
function merge({ pip, uv, project, config }: IndexSettings): readonly Candidate[] {
  const ofPip = (option: 'index-url' | 'extra-index-url'): readonly Candidate[] =>
    (pip.get(option)?.values ?? []).map((url) => ({
      name: undefined,
      url,
      isDefault: option === 'index-url',
      isExplicit: false,
      source: pip.get(option)?.source ?? '',
      isOfProject: false,
      packages: [],
    }));
  const users = [...ofPip('index-url'), ...ofPip('extra-index-url'), ...uv.indexes.map((index) => ({ ...index, isOfProject: false, packages: [] }))];
  const ofProject = [
    ...config.map(({ name, url, packages }) => ({
      name,
      url,
      isDefault: false,
      isExplicit: false,
      source: 'pypackage.json',
      isOfProject: true,
      packages: packages.map(packagePattern),
    })),
    ...project.indexes.map((index) => ({ ...index, isOfProject: true, packages: [] })),
  ];
  const main = defaultOf(users) ?? ofProject.find(({ isDefault }) => isDefault) ?? pypi();
  const others = [...users, ...ofProject].filter((candidate) => candidate !== main).flatMap((candidate) => demoted(candidate, main));
  return withPins(unique([main, ...others]), project.pins);
}

function pypi(): Candidate {
  return { name: 'pypi', url: PYPI, isDefault: true, isExplicit: false, source: 'pip', isOfProject: false, packages: [] };
}

/** The environment wins over files, and what is said to pip over what is said to uv. */
function defaultOf(users: readonly Candidate[]): Candidate | undefined {
  const wanted = users.filter(({ isDefault }) => isDefault);
  return wanted.find(({ source }) => /^(PIP|UV)_/.test(source)) ?? wanted[0];
}

/** One that would be the default, and another is: the user's is then asked for what is pinned to it, the project's beside it. */
function demoted(candidate: Candidate, main: Candidate): readonly Candidate[] {
  if (!candidate.isDefault) return [candidate];
  const isSpare = !candidate.isOfProject || (bare(candidate.url) === PYPI && bare(main.url) !== PYPI);
  if (!isSpare) return [{ ...candidate, isDefault: false }];
  return candidate.name === undefined ? [] : [{ ...candidate, isDefault: false, isExplicit: true }];
}

function bare(url: string): string {
  return url.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/\/+$/, '');
}

function unique(candidates: readonly Candidate[]): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const candidate of candidates) {
    checkIndexUrl(candidate.url.includes('${') ? bare(candidate.url) : candidate.url, candidate.source);
    const at = found.findIndex(({ url }) => bare(url) === bare(candidate.url));
    const known = found[at];
    if (!known) {
      if (candidate.name === undefined || !found.some(({ name }) => name === candidate.name)) found.push(candidate);
      continue;
    }
    found[at] = {
      ...known,
      name: known.name ?? candidate.name,
      isExplicit: known.isExplicit || (candidate.isExplicit && !known.isDefault),
      packages: [...new Set([...known.packages, ...candidate.packages])],
    };
  }
  return found;
}

function withPins(candidates: readonly Candidate[], pins: ReadonlyMap<string, readonly string[]>): readonly Candidate[] {
  const all = [...candidates];
  for (const [name, packages] of pins) {
    const isPypi = /^pypi$/i.test(name);
    const at = all.findIndex((index) => index.name === name || (isPypi && bare(index.url) === PYPI));
    const index = all[at] ?? (isPypi ? { ...pypi(), isDefault: false, isExplicit: true, isOfProject: true } : undefined);
    if (!index) throw unknownIndex(name, packages);
    const pinned = { ...index, packages: [...new Set([...index.packages, ...packages])] };
    if (at < 0) all.push(pinned);
    else all[at] = pinned;
  }
  return all;
}

function unknownIndex(name: string, packages: readonly string[]): UserError {
  return new UserError({
    kind: 'project',
    code: 'index-unknown',
    message: `${packages.join(', ')} ${packages.length === 1 ? 'is' : 'are'} to come from the index "${name}", which has no address`,
    where: { file: 'pyproject.toml' },
    fix: `Name it in pyproject.toml as [[tool.uv.index]], in pypackage.json below "indexes", or with UV_INDEX=${name}=https://…`,
  });
}

/** Placeholders of PDM stand for variables of the user's: a repository does not say to whom these are sent. */
function withoutLogin({ url: written, isOfProject, source }: Candidate): { readonly url: string; readonly login: Login | undefined } {
  const url = bare(written);
  const plain = { url, login: undefined };
  if (!/^https?:\/\/[^/]*@/i.test(written) || !URL.canParse(written) || (isOfProject && written.includes('${'))) return plain;
  const { username, password } = new URL(written);
  return { url, login: { user: decoded(username), password: decoded(password), source } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface KnownLogins {
  readonly host: Host;
  readonly netrc: ReadonlyMap<string, Login>;
  /** Of Poetry, by the name of an index. */
  readonly named: ReadonlyMap<string, Login>;
}

function loginFor(index: Candidate, own: Login | undefined, { host, netrc, named }: KnownLogins): Login | undefined {
  if (own && own.password !== '') return own;
  const byName = index.name === undefined ? undefined : (loginOfUv(host.env, index.name) ?? named.get(variablePart(index.name)));
  if (byName && isConfirmed(index, host, byName)) return byName;
  if (!mayAskFor(index)) return own;
  const { hostname } = new URL(index.url);
  const found = netrc.get(hostname);
  return found && (!own || own.user === found.user) ? found : own;
}

/** https://docs.astral.sh/uv/concepts/indexes/#providing-credentials-directly */
function loginOfUv(env: Env, name: string): Login | undefined {
  const variable = `UV_INDEX_${variablePart(name)}`;
  const [user, password] = [env[`${variable}_USERNAME`], env[`${variable}_PASSWORD`]];
  return user === undefined && password === undefined ? undefined : { user: user ?? '', password: password ?? '', source: `${variable}_PASSWORD` };
}

/** As uv and Poetry make a part of a variable out of a name. */
export function variablePart(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}

/** `internal=pypi.corp other=host`: which host a name stands for, said by the user where only projects say it. */
export const INDEX_HOSTS = 'PYPACKAGE_INDEX_HOSTS';

/** A login for a name says nothing of a host: where only the repository says which one that is, it would choose who gets the password. */
function isConfirmed(index: Candidate, { env, notes }: Host, { source }: Login): boolean {
  if (!index.isOfProject) return true;
  const { host } = new URL(index.url);
  const pair = `${index.name ?? ''}=${host}`;
  if (index.url.startsWith('https:') && (env[INDEX_HOSTS] ?? '').split(/[\s,]+/).includes(pair)) return true;
  notes.push(`${source} is not given to ${shownIndex(index)}: only ${index.source} says where that is; ${INDEX_HOSTS}=${pair} in your environment confirms it`);
  return false;
}
