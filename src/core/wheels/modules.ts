/** Which modules a wheel brings, from the paths in its RECORD. */

const MODULE = /^([A-Za-z_]\w*)(?:\.py|(?:\.[\w-]+)*\.so)$/;
const NAME = /^[A-Za-z_]\w*$/;

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly modules: Set<string>;
  /** Modules that are extensions: nobody runs those as scripts. */
  readonly extensions: Set<string>;
}

/**
 * Names to import, sorted: top-level modules and packages, and of a namespace package (PEP 420) the packages and extension modules in it. Plain
 * files in a folder without `__init__` are scripts as often as not: there the folder's name is all.
 * @param paths relative to site-packages, as RECORD has them
 */
export function topLevelModules(paths: readonly string[]): readonly string[] {
  const root = emptyFolder();
  for (const path of paths) add(root, installedPath(path).split('/'));
  const found = new Set([...root.modules].filter((name) => !name.startsWith('__')));
  for (const [name, folder] of root.folders) for (const module of modulesOf(name, folder)) found.add(module);
  return [...found].sort();
}

/** `NAME.data/purelib/x` is installed as `x` (the binary distribution format, "The .data directory"). */
function installedPath(path: string): string {
  return /^[^/]+\.data\/(?:purelib|platlib)\/(.+)$/.exec(path)?.[1] ?? path;
}

function emptyFolder(): Folder {
  return { folders: new Map(), modules: new Set(), extensions: new Set() };
}

function add(root: Folder, parts: readonly string[]): void {
  const file = MODULE.exec(parts.at(-1) ?? '');
  const name = file?.[1];
  const folders = parts.slice(0, -1);
  if (name === undefined || !folders.every((part) => NAME.test(part))) return;
  let at = root;
  for (const part of folders) {
    const next = at.folders.get(part) ?? emptyFolder();
    at.folders.set(part, next);
    at = next;
  }
  at.modules.add(name);
  if (parts.at(-1)?.endsWith('.so')) at.extensions.add(name);
}

function modulesOf(name: string, folder: Folder): readonly string[] {
  if (folder.modules.has('__init__')) return [name];
  const inside = [
    ...[...folder.extensions].map((module) => `${name}.${module}`),
    ...[...folder.folders].flatMap(([child, below]) => modulesOf(`${name}.${child}`, below)).filter((module) => isPackageBelow(module, folder, name)),
  ];
  return inside.length > 0 ? inside : [name];
}

/** Not a folder that holds scripts only: its parent's name stands for it. */
function isPackageBelow(module: string, folder: Folder, name: string): boolean {
  let at: Folder | undefined = folder;
  const parts = module.slice(name.length + 1).split('.');
  for (const part of parts) {
    if (at?.extensions.has(part)) return true;
    at = at?.folders.get(part);
  }
  return at?.modules.has('__init__') ?? false;
}
