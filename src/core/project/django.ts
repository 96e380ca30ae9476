/** Whether a project is a Django site, and which modules serve it: read as text, since importing settings runs them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { mediaRootIn, staticDirsIn } from './django-paths.js';
import { requirementName } from './names.js';
import type { DjangoFacts } from './project.js';

/** Folders whose manage.py or settings show or test something else than the project itself. */
const NOT_THE_SITE =
  /^(?:\..*|_.*|tests?|testing|testproject|test_project|examples?|samples?|demos?|docs?|benchmarks?|scripts|tools|node_modules|build|dist|target|venv|env|static|media|templates)$/i;

interface Found {
  readonly managePy: string | undefined;
  readonly settingsModule: string | undefined;
  /** Folders, relative to the root, that modules are imported from. */
  readonly bases: readonly string[];
}

export async function detectDjango(root: string, dependencies: readonly string[] | undefined): Promise<DjangoFacts | undefined> {
  const found = (await findManagePy(root)) ?? (await findSettings(root, dependencies));
  if (!found) return undefined;
  const settings = found.settingsModule === undefined ? '' : await readSettings(root, found.bases, found.settingsModule);
  const wsgi = await findServer(root, found, settings, 'wsgi');
  const asgi = await findServer(root, found, settings, 'asgi');
  return {
    managePy: found.managePy,
    // A server module may name other settings than manage.py, which is for development then.
    settingsModule: wsgi?.settingsModule ?? asgi?.settingsModule ?? found.settingsModule,
    wsgi: wsgi?.application,
    asgi: asgi?.application,
    mediaRoot: mediaRootIn(settings),
    staticDirs: staticDirsIn(settings),
    settingsFile: found.settingsModule === undefined ? undefined : (await findModule(root, found.bases, found.settingsModule))?.file,
  };
}

async function subfolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !NOT_THE_SITE.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** undefined when it cannot be read: detection looks at what is there. */
async function read(root: string, ...parts: readonly string[]): Promise<string | undefined> {
  return readFile(path.join(root, ...parts), 'utf8').catch(() => undefined);
}

/** `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "polls.settings")`, also as an assignment. */
function settingsModuleIn(text: string): string | undefined {
  const set = /^[^#\n]*DJANGO_SETTINGS_MODULE['"]\s*(?:\]\s*=|,)\s*(?:\n\s*)?['"]([\w.]+)['"]/m.exec(text);
  return set?.[1];
}

async function findManagePy(root: string): Promise<Found | undefined> {
  const folders = ['', 'src', ...(await subfolders(root)).filter((name) => name !== 'src')];
  let fallback: Found | undefined;
  for (const folder of folders) {
    const text = await read(root, folder, 'manage.py');
    if (text === undefined || !/\bdjango\b/i.test(text)) continue;
    const settingsModule = settingsModuleIn(text);
    // Libraries for Django run their tests like that: `tests.settings` is no site to be served.
    if (settingsModule !== undefined && NOT_THE_SITE.test(settingsModule.split('.')[0] ?? '')) continue;
    const found = { managePy: path.posix.join(folder, 'manage.py'), settingsModule, bases: [...new Set([folder, '', 'src'])] };
    // At the root there is no doubt; among others, the one whose settings are there.
    if (folder === '' || folder === 'src' || (settingsModule !== undefined && (await findModule(root, found.bases, settingsModule)))) return found;
    fallback ??= found;
  }
  return fallback;
}

/** Without manage.py: settings.py beside wsgi.py or asgi.py, when the project depends on Django. */
async function findSettings(root: string, dependencies: readonly string[] | undefined): Promise<Found | undefined> {
  if (dependencies && !dependencies.some((requirement) => requirementName(requirement) === 'django')) return undefined;
  for (const base of ['', 'src']) {
    for (const folder of await subfolders(path.join(root, base))) {
      const settings = (await read(root, base, folder, 'settings.py')) ?? (await read(root, base, folder, 'settings', '__init__.py'));
      if (settings === undefined) continue;
      const server = (await read(root, base, folder, 'wsgi.py')) ?? (await read(root, base, folder, 'asgi.py'));
      if (server === undefined || !/\bdjango\b/.test(server)) continue;
      return { managePy: undefined, settingsModule: settingsModuleIn(server) ?? `${folder}.settings`, bases: [...new Set([base, '', 'src'])] };
    }
  }
  return undefined;
}

interface Module {
  /** Relative to the root. */
  readonly file: string;
  readonly text: string;
  readonly isPackage: boolean;
}

async function findModule(root: string, bases: readonly string[], module: string): Promise<Module | undefined> {
  const parts = module.split('.');
  for (const base of bases) {
    for (const isPackage of [false, true]) {
      const file = path.posix.join(base, ...parts) + (isPackage ? '/__init__.py' : '.py');
      const text = await read(root, file);
      if (text !== undefined) return { file, text, isPackage };
    }
  }
  return undefined;
}

/** The text of a settings module followed by that of the modules it takes everything from: `from .base import *`. */
async function readSettings(root: string, bases: readonly string[], module: string): Promise<string> {
  const texts: string[] = [];
  const pending = [module];
  const seen = new Set<string>();
  for (let name = pending.shift(); name !== undefined && seen.size < 10; name = pending.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const found = await findModule(root, bases, name);
    if (!found) continue;
    texts.push(found.text);
    for (const star of found.text.matchAll(/^\s*from\s+(\.*)([\w.]*)\s+import\s+\*/gm)) {
      const dots = star[1]?.length ?? 0;
      const own = name.split('.');
      const parent = own.slice(0, own.length - dots + (found.isPackage ? 1 : 0));
      pending.push([...(dots > 0 ? parent : []), ...(star[2] ? [star[2]] : [])].join('.'));
    }
  }
  return texts.join('\n');
}

/** `WSGI_APPLICATION` in the settings, else wsgi.py in a package around them. */
async function findServer(
  root: string,
  found: Found,
  settings: string,
  kind: 'wsgi' | 'asgi',
): Promise<{ readonly application: string; readonly settingsModule: string | undefined } | undefined> {
  const named = new RegExp(`^${kind.toUpperCase()}_APPLICATION\\s*=\\s*['"]([\\w.]+)\\.(\\w+)['"]`, 'm').exec(settings);
  if (named) {
    const [, module = '', attribute = ''] = named;
    const file = await findModule(root, found.bases, module);
    return { application: `${module}:${attribute}`, settingsModule: file && settingsModuleIn(file.text) };
  }
  const parts = (found.settingsModule ?? '').split('.').slice(0, -1);
  for (let length = parts.length; length > 0; length--) {
    const module = [...parts.slice(0, length), kind].join('.');
    const file = await findModule(root, found.bases, module);
    if (file && /^application\b/m.test(file.text)) return { application: `${module}:application`, settingsModule: settingsModuleIn(file.text) };
  }
  return undefined;
}
