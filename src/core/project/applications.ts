/** What a folder runs that is no package: an ASGI or WSGI application, or a script. Read as text, since importing it runs it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ServedApplication } from './project.js';

/** Modules that applications stand in by habit, the likelier first. */
const MODULES = ['main', 'app', 'application', 'asgi', 'wsgi', 'server', 'api', 'run'] as const;
/** Folders that they stand in, beside the root. */
const FOLDERS = ['src', 'app', 'application', 'api', 'server', 'backend'] as const;

type Protocol = ServedApplication['protocol'];

const FRAMEWORKS: Readonly<Record<string, Protocol>> = {
  fastapi: 'asgi',
  starlette: 'asgi',
  litestar: 'asgi',
  quart: 'asgi',
  blacksheep: 'asgi',
  'falcon.asgi': 'asgi',
  flask: 'wsgi',
  bottle: 'wsgi',
  falcon: 'wsgi',
  pyramid: 'wsgi',
  apiflask: 'wsgi',
  connexion: 'asgi',
};

/** Classes and functions that make an application, and the protocol where the name alone says it. */
const MAKERS: Readonly<Record<string, Protocol | undefined>> = {
  FastAPI: 'asgi',
  Starlette: 'asgi',
  Litestar: 'asgi',
  Quart: 'asgi',
  Flask: 'wsgi',
  APIFlask: 'wsgi',
  Bottle: 'wsgi',
  default_app: 'wsgi',
  get_wsgi_application: 'wsgi',
  get_asgi_application: 'asgi',
  make_wsgi_app: 'wsgi',
  App: undefined,
  AsyncApp: 'asgi',
  Application: undefined,
  create_app: undefined,
  make_app: undefined,
  build_app: undefined,
  get_app: undefined,
};

const ASSIGNMENT = new RegExp(
  `^(?<variable>[A-Za-z_]\\w*)(?:\\s*:[^=\\n]+)?\\s*=\\s*(?<path>(?:[A-Za-z_]\\w*\\.)*)(?<maker>${Object.keys(MAKERS).join('|')})\\(`,
  'gm',
);
const FACTORY = /^(?:async\s+)?def\s+(create_app|make_app)\s*\(\s*\)/m;

export interface FoundApplication {
  /** Folder that its modules are imported from, relative; empty: the root. */
  readonly base: string;
  readonly application: ServedApplication;
}

/** @param where `packages`: only what a wheel would hold */
export async function findApplication(root: string, where: 'anywhere' | 'packages' = 'anywhere'): Promise<FoundApplication | undefined> {
  const candidates = await candidateFiles(root, where);
  const read = await Promise.all(candidates.map(async (candidate) => ({ ...candidate, text: await text(root, candidate.file) })));
  const served = read.map((candidate) => ({ ...candidate, found: candidate.text === undefined ? undefined : applicationIn(candidate.text) }));
  const [first] = served.filter(({ found }) => found?.isFactory === false).concat(served.filter(({ found }) => found?.isFactory === true));
  if (!first?.found) return undefined;
  const { protocol, name, isFactory } = first.found;
  return { base: first.base, application: { protocol, module: first.module, name, isFactory, file: first.file } };
}

/** `main.py` and the like with a main part, or the only module of the root. */
export async function findScript(root: string): Promise<string | undefined> {
  const names = (await readdir(root).catch(() => [])).filter(
    (name) => name.endsWith('.py') && !/^(?:setup|build|hatch_build|pdm_build|conftest|noxfile|tasks|fabfile|test_.*|.*_test)\.py$/.test(name),
  );
  const byHabit = MODULES.map((module) => `${module}.py`).find((name) => names.includes(name));
  if (byHabit !== undefined) return byHabit;
  const [only, ...others] = names;
  if (only === undefined) return mainOfPackage(root);
  if (others.length > 0) {
    const runnable = await Promise.all(names.map(async (name) => /^if __name__\s*==\s*['"]__main__['"]/m.test((await text(root, name)) ?? '')));
    const main = names.filter((_, i) => runnable[i]);
    return main.length === 1 ? main[0] : undefined;
  }
  return only;
}

/** The only package that can be run: `bot/__main__.py`. */
async function mainOfPackage(root: string): Promise<string | undefined> {
  const folders = (await readdir(root, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isDirectory() && /^[a-z_]\w*$/i.test(entry.name));
  const mains = await Promise.all(
    folders.map(async ({ name }) => ((await text(root, `${name}/__main__.py`)) === undefined ? undefined : `${name}/__main__.py`)),
  );
  const [main, ...others] = mains.filter((file) => file !== undefined);
  return others.length === 0 ? main : undefined;
}

interface Candidate {
  readonly file: string;
  readonly base: string;
  readonly module: string;
}

async function candidateFiles(root: string, where: 'anywhere' | 'packages'): Promise<readonly Candidate[]> {
  const [folders, below] = await Promise.all([foldersIn(root), foldersIn(path.join(root, 'src'))]);
  const [packages, packagesOfSrc] = await Promise.all([packagesAmong(root, folders), packagesAmong(path.join(root, 'src'), below)]);
  const ofSrc = packagesOfSrc.flatMap((name) => modulesOf('src', name));
  if (where === 'packages') return [...packages.flatMap((name) => modulesOf('', name)), ...ofSrc];
  const known = [...FOLDERS.filter((name) => folders.includes(name)), ...packages];
  return [...['', ...new Set(known)].flatMap((folder) => (folder === '' || folder === 'src' ? modulesOf(folder, '') : modulesOf('', folder))), ...ofSrc];
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

const NO_APPLICATION = /^(?:tests?|docs?|examples?|scripts|migrations|build|dist|venv|env|node_modules|static|templates)$/i;

async function packagesAmong(parent: string, folders: readonly string[]): Promise<readonly string[]> {
  const named = folders.filter((name) => /^[a-z_]\w*$/i.test(name) && !NO_APPLICATION.test(name));
  const packages = await Promise.all(named.map(async (name) => ((await text(parent, `${name}/__init__.py`)) === undefined ? undefined : name)));
  return packages.filter((name) => name !== undefined);
}

/** @param base folder that is imported from @param folder a package in it; empty: modules of the base itself */
function modulesOf(base: string, folder: string): readonly Candidate[] {
  const names = folder === '' ? MODULES : ['__init__', ...MODULES];
  return names.map((module) => ({
    file: path.posix.join(base, folder, `${module}.py`),
    base,
    module: folder === '' ? module : module === '__init__' ? folder : `${folder}.${module}`,
  }));
}

function applicationIn(source: string): { readonly protocol: Protocol; readonly name: string; readonly isFactory: boolean } | undefined {
  for (const { groups } of source.matchAll(ASSIGNMENT)) {
    const { variable, maker = '', path: prefix = '' } = groups ?? {};
    const protocol = MAKERS[maker] ?? protocolOf(source, prefix);
    if (variable !== undefined && protocol !== undefined) return { protocol, name: variable, isFactory: false };
  }
  const factory = FACTORY.exec(source)?.[1];
  const protocol = factory === undefined ? undefined : protocolOf(source, '');
  return factory === undefined || protocol === undefined ? undefined : { protocol, name: factory, isFactory: true };
}

/** From what is imported; an application of one's own (`from shop import create_app`) says nothing, and most of these are Flask's. */
function protocolOf(source: string, prefix: string): Protocol | undefined {
  const imported = [...source.matchAll(/^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))/gm)].map((match) => match[1] ?? match[2] ?? '');
  const modules = [prefix.replace(/\.$/, ''), ...imported];
  const known = modules.map((module) => FRAMEWORKS[module] ?? FRAMEWORKS[module.split('.')[0] ?? '']).find((protocol) => protocol !== undefined);
  if (known !== undefined) return known;
  return /\b(?:create|make|build|get)_app\b/.test(source) ? (/\basgi\b|\buvicorn\b/i.test(source) ? 'asgi' : 'wsgi') : undefined;
}

async function text(root: string, file: string): Promise<string | undefined> {
  return readFile(path.join(root, file), 'utf8').catch(() => undefined);
}
